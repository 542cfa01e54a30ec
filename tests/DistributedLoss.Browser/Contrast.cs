using Microsoft.Playwright;

namespace DistributedLoss.Browser;

/// <summary>Whether text stands out from what is behind it (WCAG 2.1, 1.4.3).</summary>
internal static class Contrast
{
    // Text of HTML is on the nearest background that is not transparent, text of SVG here on the page or on a cell: those on cells are passed over.
    private const string Poor = """
        () => {
          const light = c => { c /= 255; return c <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4; };
          const parts = colour => colour.match(/[\d.]+/g).map(Number);
          const luminance = ([r, g, b]) => .2126 * light(r) + .7152 * light(g) + .0722 * light(b);
          const behind = element => {
            for (let e = element; e; e = e.parentElement) {
              const colour = parts(getComputedStyle(e).backgroundColor);
              if (colour.length < 4 || colour[3] > 0) return colour;
            }
            return [255, 255, 255];
          };
          const found = new Set();
          const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          while (walker.nextNode()) {
            const element = walker.currentNode.parentElement;
            if (!walker.currentNode.data.trim() || element.closest("script, title, desc, .value, [hidden], button:disabled")) continue;
            const style = getComputedStyle(element);
            const a = luminance(parts(element.namespaceURI.endsWith("svg") ? style.fill : style.color)), b = luminance(behind(element));
            const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
            if (ratio < 4.5) found.add(`${element.tagName}.${element.className.baseVal ?? element.className}: ${ratio.toFixed(2)}`);
          }
          return [...found];
        }
        """;

    /// <summary>Elements whose text has a contrast below 4.5 to 1.</summary>
    public static async Task<string[]> PoorAsync(IPage page) => await page.EvaluateAsync<string[]>(Poor);
}
