"""What a page looks like: pictures by day and night, on a desk and a phone, and whether
its texts can be read."""

PHONE = {"width": 390, "height": 800}

# Texts whose contrast with what is behind them is below 4.5 (WCAG 2.2, 1.4.3), but those
# of controls that can not be used.
PALE = """() => {
  const parts = (color) => color.match(/[\\d.]+/g).map(Number);
  const linear = (v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  const behind = (element) => {
    for (; element; element = element.parentElement) {
      const color = parts(getComputedStyle(element).backgroundColor);
      if ((color[3] ?? 1) === 1) return color;
    }
    return [255, 255, 255];
  };
  const pale = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    const text = texts.currentNode.textContent.trim();
    if (!text || !element.checkVisibility() || element.closest(":disabled, [aria-disabled=true]")) continue;
    const pair = [parts(getComputedStyle(element).color), behind(element)].map(light).sort((a, b) => b - a);
    const contrast = (pair[0] + 0.05) / (pair[1] + 0.05);
    if (contrast < 4.5) pale.push(`${text.slice(0, 40)}: ${contrast.toFixed(2)}`);
  }
  return pale;
}"""


def look_at(page, screenshot, name):
    """Keeps NAME, NAME-dark, NAME-phone and NAME-phone-dark."""
    wide = page.viewport_size
    for size, where in [(wide, ""), (PHONE, "-phone")]:
        page.set_viewport_size(size)
        for scheme, when in [("light", ""), ("dark", "-dark")]:
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            screenshot(page, f"{name}{where}{when}")
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name}{where}: too wide"
            assert page.evaluate(PALE) == [], f"{name}{where}{when}: too pale"
    page.set_viewport_size(wide)
    page.emulate_media(color_scheme="light")
