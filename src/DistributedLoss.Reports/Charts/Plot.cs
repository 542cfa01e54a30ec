using System.Globalization;
using DistributedLoss.Reports.Html;

namespace DistributedLoss.Reports.Charts;

/// <summary>
/// A chart as SVG in percent of its place. To those who do not see it it is an image with a title and a description; those who have no mouse reach its marks with the
/// arrow keys (Assets/page.js), and each mark says its values.
/// </summary>
public sealed class Plot
{
    private readonly HtmlWriter _html;

    private Plot(HtmlWriter html, Scale x, Scale y) => (_html, X, Y) = (html, x, y);

    public Scale X { get; }

    public Scale Y { get; }

    /// <param name="id">A word of lower-case letters, the page's only one.</param>
    /// <param name="description">What can be read from it, in a sentence or two.</param>
    /// <param name="height">Of the area within the axes, in pixels.</param>
    /// <param name="stride">Marks in a row of them, which the up and down keys pass over.</param>
    public static void Write(HtmlWriter html, string id, string title, string description, int height, Scale x, Scale y, Action<Plot> draw, int stride = 1, string css = "")
    {
        html.Write($"""
            <figure class="chart {css}"><figcaption><h3>{title}</h3></figcaption><div class="frame">
            <svg class="plot" id="{id}" role="img" tabindex="0" height="{height}" width="100%" aria-labelledby="{id}-title {id}-text" data-stride="{stride}"><title id="{id}-title">{title}</title><desc id="{id}-text">{description}</desc>

            """);
        draw(new Plot(html, x, y));
        html.Write($"</svg></div></figure>\n");
    }

    /// <summary>Lines across, each with its value.</summary>
    public void YAxis(Func<double, string> text, string unit)
    {
        foreach (double tick in Y.Ticks())
        {
            string y = Vertical(tick);
            _html.Write($"""<line class="grid" x1="0" x2="100%" y1="{y}" y2="{y}"/><text class="tick" x="0" dx="-8" y="{y}" dy=".32em" text-anchor="end">{text(tick)}</text>""");
        }

        _html.Write($"""<text class="unit" x="0" y="0" dx="-8" dy="-12" text-anchor="start">{unit}</text>""");
    }

    /// <summary>The base line, with values below.</summary>
    public void XAxis(Func<double, string> text, string unit)
    {
        Base();
        foreach (double tick in X.Ticks())
        {
            _html.Write($"""<text class="tick" x="{Horizontal(tick)}" y="100%" dy="17" text-anchor="middle">{text(tick)}</text>""");
        }

        _html.Write($"""<text class="unit" x="100%" y="100%" dy="35" text-anchor="end">{unit}</text>""");
    }

    public void Base() => _html.Write($"""<line class="base" x1="0" x2="100%" y1="100%" y2="100%"/>""");

    /// <summary>Something that has values: they are told when the pointer or the arrow keys come to it.</summary>
    public void Mark(string values, Action draw)
    {
        _html.Write($"""<g class="mark"><title>{values}</title>""");
        draw();
        _html.Write($"</g>\n");
    }

    /// <summary>A bar or cell between two corners; nothing where it has no height.</summary>
    public void Box(string css, double x0, double x1, double y0, double y1)
    {
        double left = X.At(x0), right = X.At(x1), top = 100 - Y.At(y1), bottom = 100 - Y.At(y0);
        if (bottom <= top)
        {
            return;
        }

        _html.Write($"""<rect class="{css}" x="{Percent(left)}" y="{Percent(top)}" width="{Percent(right - left)}" height="{Percent(bottom - top)}"/>""");
    }

    /// <summary>A box as high as the chart, which is not seen: it is easier to point at than what it holds.</summary>
    public void Column(double x0, double x1) => Box("hit", x0, x1, Y.Low, Y.High);

    /// <inheritdoc cref="Column"/>
    public void Row(double y0, double y1) => Box("hit", X.Low, X.High, y0, y1);

    public void Dot(string css, double x, double y, double radius) =>
        _html.Write($"""<circle class="{css}" cx="{Horizontal(x)}" cy="{Vertical(y)}" r="{radius.ToString("0.##", CultureInfo.InvariantCulture)}"/>""");

    public void Line(string css, double x0, double y0, double x1, double y1) =>
        _html.Write($"""<line class="{css}" x1="{Horizontal(x0)}" y1="{Vertical(y0)}" x2="{Horizontal(x1)}" y2="{Vertical(y1)}"/>""");

    /// <param name="dx">Pixels to the right.</param>
    /// <param name="dy">Pixels down.</param>
    /// <param name="anchor">start, middle or end.</param>
    public void Text(string css, double x, double y, string text, string anchor = "middle", int dx = 0, int dy = 0) =>
        _html.Write($"""<text class="{css}" x="{Horizontal(x)}" y="{Vertical(y)}" dx="{dx}" dy="{dy}" text-anchor="{anchor}">{text}</text>""");

    private static string Percent(double percent) => $"{percent.ToString("0.###", CultureInfo.InvariantCulture)}%";

    private string Horizontal(double value) => Percent(X.At(value));

    private string Vertical(double value) => Percent(100 - Y.At(value));
}
