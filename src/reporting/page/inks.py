"""The colours of the page, and what stands for them where there is no page around.

An output of a notebook is shown on the project's pages, in JupyterLab and in VS Code, on light and
on dark. `templates/page.css` sets `--ink`, `--muted` and so on; editors have their own.
"""

from __future__ import annotations

# The page's variable -> that of JupyterLab, that of VS Code, and the colour on plain white.
_ELSEWHERE = {
    "ink": ("jp-content-font-color1", "vscode-editor-foreground", "#1c2333"),
    "muted": ("jp-content-font-color2", "vscode-descriptionForeground", "#5b6579"),
    "grid": ("jp-border-color2", "vscode-panel-border", "#dde2ea"),
    "surface": ("jp-layout-color0", "vscode-editor-background", "#ffffff"),
}


def ink(name: str) -> str:
    """The colour as CSS: the page's where there is a page, else the editor's.

    >>> ink("grid")
    'var(--grid, var(--jp-border-color2, var(--vscode-panel-border, #dde2ea)))'
    """
    lab, code, plain = _ELSEWHERE[name]
    return f"var(--{name}, var(--{lab}, var(--{code}, {plain})))"
