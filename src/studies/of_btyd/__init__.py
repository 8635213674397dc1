"""Parts of the study of models of buyers without a contract."""
