using System.Globalization;
using DistributedLoss.Reports.Html;

namespace DistributedLoss.Reports.Tests;

public class HtmlWriterTests
{
    [Theory]
    [InlineData("a < b & c > d", "a &lt; b &amp; c &gt; d")]
    [InlineData("\"><script>", "&quot;&gt;&lt;script&gt;")]
    [InlineData("' onload='x", "&#39; onload=&#39;x")]
    [InlineData("a\nb\0\u001b[31m\u007f", "a\u240ab\u2400\u241b[31m\u2421")]
    [InlineData("\u202egpj.exe\u2066\u0085", "\ufffdgpj.exe\ufffd\ufffd")]
    [InlineData("Ω 木 🜚", "Ω 木 🜚")]
    [InlineData(null, "")]
    public void What_stands_in_a_hole_is_text(string? text, string expected)
    {
        var html = new HtmlWriter();
        html.Write($"<p title=\"{text}\">{text}</p>");
        Assert.Equal($"<p title=\"{expected}\">{expected}</p>", html.ToMarkup().Text);
    }

    [Fact]
    public void Numbers_are_written_alike_everywhere()
    {
        var html = new HtmlWriter();
        var before = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = new CultureInfo("") { NumberFormat = new NumberFormatInfo { NegativeSign = "minus" } };
        html.Write($"{-1} {long.MinValue}");
        CultureInfo.CurrentCulture = before;
        Assert.Equal("-1 -9223372036854775808", html.ToMarkup().Text);
    }

    [Fact]
    public void Markup_is_written_as_it_is()
    {
        var html = new HtmlWriter();
        html.Write($"{new Markup("<b>")}");
        Assert.Equal("<b>", html.ToMarkup().Text);
    }
}
