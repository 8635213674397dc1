import matplotlib.pyplot as plt
import pytest

from src.reporting.page.figures import Figure
from src.reporting.page.style import use_style


@pytest.fixture
def ax():
    """Axes in the style of the house; what was drawn can be shown, in sizes that can be read."""
    with plt.rc_context():
        use_style()
        _, axes = plt.subplots()
        yield axes
        sizes = [text.get_fontsize() for text in axes.findobj(plt.Text) if text.get_text()]
        assert min(sizes) >= 9
        assert Figure(axes.figure, "finding", "alt").svg.startswith("<svg ")
    plt.close("all")
