namespace DistributedLoss.Reports.Tests;

public class ResultReportTests
{
    [Fact]
    public void A_page_of_128256_named_classes_is_below_5_MB()
    {
        // Names as a tokenizer has them, that do not shrink much.
        var random = new Random(1);
        var page = new MemoryStream();
        ResultReport.Write(page, Samples.Of(128_256, _ => new string([.. Enumerable.Range(0, random.Next(1, 14)).Select(_ => (char)random.Next('a', 'z' + 1))])));
        Assert.InRange(page.Length, 1_000_000, 5_000_000);
    }

    [Fact]
    public void The_same_result_has_the_same_bytes()
    {
        var (first, second) = (new MemoryStream(), new MemoryStream());
        ResultReport.Write(first, Samples.Of(1000));
        ResultReport.Write(second, Samples.Of(1000));
        Assert.Equal(first.ToArray(), second.ToArray());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(40)]
    [InlineData(41)]
    [InlineData(1001)]
    public void Nothing_that_is_made_of_data_is_markup(int classes)
    {
        var stream = new MemoryStream();
        var result = Samples.Of(classes, _ => Samples.Hostile, slices: 60, workers: 50, shards: 1500);
        ResultReport.Write(stream, result with { Files = [.. result.Files.Select(f => f with { Path = Samples.Hostile, FooterDigest = Samples.Hostile })] });
        string page = System.Text.Encoding.UTF8.GetString(stream.ToArray());
        Assert.DoesNotContain("<img", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script>document", page, StringComparison.Ordinal);
        Assert.DoesNotContain("\u202e", page, StringComparison.Ordinal);
        Assert.Contains("connect-src &#39;none&#39;", page, StringComparison.Ordinal);
    }
}
