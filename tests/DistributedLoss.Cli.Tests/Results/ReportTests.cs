using System.Text;
using System.Xml.Linq;
using DistributedLoss.Reports;
using DistributedLoss.Results;

namespace DistributedLoss.Cli.Tests.Results;

/// <summary>The pages of results of all kinds.</summary>
public sealed class ReportTests(RealResults results) : IClassFixture<RealResults>
{
    private static readonly string[] Sections = ["loss", "calibration", "classes", "confusion", "hardest", "run", "provenance"];

    public static TheoryData<string> Kinds => [.. RealResults.Commands.Keys];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Every_kind_of_result_has_a_sound_page_without_an_empty_chart(string kind)
    {
        var result = await ReadAsync(kind);
        string page = Page(result);
        Assert.Equal(page, Page(result));

        var main = XElement.Parse(page[page.IndexOf("<main>", StringComparison.Ordinal)..(page.IndexOf("</main>", StringComparison.Ordinal) + "</main>".Length)]);
        string[] ids = [.. main.DescendantsAndSelf().Attributes("id").Select(a => a.Value)];
        Assert.Equal(ids.Distinct(), ids);
        Assert.Equal(result.Slices.Count > 0 ? [.. Sections[..4], "slices", .. Sections[4..]] : Sections, main.Elements("section").Select(s => s.Attribute("id")!.Value));
        Assert.All(main.Descendants("svg"), svg => Assert.NotEmpty(svg.Descendants("g")));
        Assert.All(main.Descendants("g").Where(g => g.Attribute("class")?.Value == "mark"), mark => Assert.NotEqual("", mark.Element("title")!.Value));
        Assert.All(main.Descendants("table"), table => Assert.NotEmpty(table.Element("tbody")!.Elements("tr")));
        Assert.All(main.Descendants("rect"), rect => Assert.DoesNotContain("NaN", rect.ToString(), StringComparison.Ordinal));
        Assert.Contains(result.Digest, page, StringComparison.Ordinal);
        if (result.Remark is { } remark)
        {
            Assert.Contains(remark, main.Value, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("no statistics", "--statistics quantiles", "--statistics calibration", "--statistics confusion")]
    [InlineData("known", "--statistics confusion")]
    [InlineData("all statistics")]
    public async Task What_was_not_asked_for_is_said_to_be_so(string kind, params string[] hints)
    {
        string page = Page(await ReadAsync(kind));
        Assert.Equal(hints, hints.Where(page.Contains));
        Assert.Equal(hints.Length, page.Split("ask with").Length - 1);
    }

    [Theory]
    [InlineData("sequences", "positions", "sequences")]
    [InlineData("multi-label", "none for targets of this kind", "Accuracy of elements", "F1, macro", "Positives")]
    [InlineData("soft targets", "KL divergence")]
    [InlineData("groups", "Mean over label", "Bits per byte", "groups")]
    [InlineData("an infinite loss", "have infinite loss", "∞")]
    [InlineData("zero times infinity", "no defined loss", "NaN")]
    [InlineData("all ignored", "There is no mean", "ignored")]
    [InlineData("invalid rows", "invalid", "wrongLength")]
    [InlineData("slices", "Mean loss by flag", "Mean loss by text, i8", "(null)")]
    [InlineData("many classes confused", "The pairs that are confused most")]
    public async Task What_is_particular_to_a_kind_of_run_is_in_its_page(string kind, params string[] texts)
    {
        string page = Page(await ReadAsync(kind));
        Assert.All(texts, text => Assert.Contains(text, page, StringComparison.Ordinal));
    }

    private async Task<EvaluationResult> ReadAsync(string kind)
    {
        using var folder = new TemporaryFolder();
        return ResultReader.Read(folder.Write("result.json", await results.GetAsync(kind)));
    }

    private static string Page(EvaluationResult result)
    {
        var stream = new MemoryStream();
        ResultReport.Write(stream, result);
        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
