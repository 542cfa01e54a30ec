using System.Text;

namespace DistributedLoss.Reports.Html;

/// <summary>
/// A page in one file: style and script are within it, and its content security policy lets nothing else in or out. It has a light and a dark theme, a button
/// between them, and prints.
/// </summary>
public sealed class Page
{
    private static readonly Asset Style = Asset.Load(typeof(Page), "page.css");
    private static readonly Asset Script = Asset.Load(typeof(Page), "page.js");

    private readonly HtmlWriter _body = new();
    private readonly HtmlWriter _links = new();

    /// <summary>The window's title, and the page's.</summary>
    public required string Title { get; init; }

    /// <summary>What kind of page it is, beside the name of the program.</summary>
    public required string Kind { get; init; }

    /// <summary>A script of its own, which runs after the common one; null for none.</summary>
    public Asset? OwnScript { get; init; }

    /// <summary>A style sheet of its own, behind the common one; null for none.</summary>
    public Asset? OwnStyle { get; init; }

    /// <summary>Whether the page may ask the server that it came from, and show other pages of it within. A file may ask nobody.</summary>
    public bool Connects { get; init; }

    /// <summary>What stands above the first section.</summary>
    public void Lead(Action<HtmlWriter> content) => content(_body);

    /// <summary>A part of the page, with a link to it at the top.</summary>
    /// <param name="id">A word of lower-case letters.</param>
    /// <param name="link">A word or two for the link.</param>
    public void Section(string id, string link, string title, Action<HtmlWriter> content)
    {
        _links.Write($"""<a href="#{id}">{link}</a>""");
        _body.Write($"""<section id="{id}" aria-labelledby="{id}-title"><h2 id="{id}-title">{title}</h2>""");
        content(_body);
        _body.Write($"</section>\n");
    }

    /// <exception cref="IOException">The stream cannot be written.</exception>
    public void Write(Stream stream)
    {
        var html = new HtmlWriter();
        html.Write($"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="{Policy()}">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <meta name="referrer" content="no-referrer">
            <link rel="icon" href="data:,">
            <title>{Title}</title>
            <style>{new Markup(Style.Text)}</style>
            {(OwnStyle is { } style ? new Markup($"<style>{style.Text}</style>") : default)}
            </head>
            <body>
            <header class="top"><span class="brand">dloss</span> <span class="kind">{Kind}</span>
            <nav aria-label="Sections">{_links.ToMarkup()}</nav>
            <button type="button" id="theme" hidden="hidden">Theme: auto</button></header>
            <main>
            <h1>{Title}</h1>
            {_body.ToMarkup()}</main>
            <div id="tip" role="status" hidden="hidden"></div>
            <script>{new Markup(Script.Text)}</script>

            """);
        if (OwnScript is { } own)
        {
            html.Write($"<script>{new Markup(own.Text)}</script>\n");
        }

        html.Write($"</body>\n</html>\n");
        stream.Write(Encoding.UTF8.GetBytes(html.ToMarkup().Text));
    }

    private string Policy() =>
        $"default-src 'none'; style-src {Sources(Style, OwnStyle)}; script-src {Sources(Script, OwnScript)}; img-src data:; "
        + $"{(Connects ? "connect-src 'self'; frame-src 'self'" : "connect-src 'none'")}; base-uri 'none'; form-action 'none'";

    private static string Sources(Asset common, Asset? own) => own is null ? common.Source : $"{common.Source} {own.Source}";
}
