using System.Globalization;
using System.Text.Json;

namespace DistributedLoss.EndToEnd;

/// <summary>Every figure of the result against PyTorch's and mpmath's (tests/fixtures/make/expected.py).</summary>
public class FiguresTests
{
    private static readonly int[] TopK = [1, 2, 3, 5];

    public static TheoryData<string, string> Sets() => new()
    {
        { "coarse", "coarse/polars_list_none.parquet" },
        { "fine", "fine/arrow_list_none.parquet" },
        { "known", "known/hyparquet_f64.parquet" },
        { "knownFloat32", "known/duckdb_f32.parquet" },
        { "extreme", "extreme/arrow_f64.parquet" },
        { "ignored", "ignored/duckdb_f32.parquet" },
    };

    [Fact]
    public void The_worked_example_has_the_losses_that_every_textbook_run_of_it_prints()
    {
        var outcome = Dloss.Evaluate(Fixtures.PathOf("known/duckdb_f64.parquet"), "--hardest", "3");
        // 1.0314 is the mean of the rounded rows; that of the rows is 1.03134.
        Assert.Equal(1.0314, outcome.Mean, 1e-4);
        // Hardest first: rows 2, 0, 1 of the example.
        double[] expected = [1.4417, 1.1048, 0.5476];
        var hardest = outcome.Json.GetProperty("hardest").EnumerateArray().ToArray();
        Assert.Equal([2, 0, 1], hardest.Select(h => h.Count("row")));
        Assert.All(expected.Zip(hardest), p => Assert.Equal(p.First, p.Second.Number("loss"), 1e-4));
    }

    [Theory]
    [MemberData(nameof(Sets))]
    public void Rows_and_losses_are_the_expected_ones(string set, string file)
    {
        var expected = Fixtures.Expected.GetProperty(set);
        var json = Dloss.Evaluate(Fixtures.PathOf(file)).Json;
        Assert.Equal(expected.Count("rows"), json.GetProperty("rows").Count("total"));
        Assert.Equal(expected.Count("evaluated"), json.GetProperty("rows").Count("evaluated"));
        Assert.Equal(expected.Count("ignored"), json.GetProperty("rows").Count("ignored"));
        Assert.Empty(json.GetProperty("rows").GetProperty("invalid").EnumerateObject());

        var loss = json.GetProperty("loss");
        Fixtures.WithinOneUlp(expected.Number("mean"), loss.Number("mean"));
        Fixtures.WithinOneUlp(expected.Number("sum"), loss.Number("sum"));
        Assert.Equal(expected.Count("evaluated"), loss.Number("denominator"));
        Close(expected.Number("min"), loss.Number("min"));
        Close(expected.Number("max"), loss.Number("max"));
        Close(expected.Number("bits"), loss.Number("bits"));
        // exp magnifies the mean's last bit by the mean itself.
        Close(expected.Number("perplexity"), loss.Number("perplexity"), 1e-15 * Math.Max(1, 4 * loss.Number("mean")));
        Close(expected.Number("standardError"), loss.Number("standardError"), 1e-13);
        var ci = loss.GetProperty("ci95").EnumerateArray().Select(x => x.GetDouble()).ToArray();
        Close(loss.Number("mean") - 1.959963984540054 * loss.Number("standardError"), ci[0], 1e-12);
        Close(loss.Number("mean") + 1.959963984540054 * loss.Number("standardError"), ci[1], 1e-12);
    }

    [Theory]
    [MemberData(nameof(Sets))]
    public void Accuracies_are_the_expected_ones(string set, string file)
    {
        var expected = Fixtures.Expected.GetProperty(set);
        long classes = expected.Count("classes");
        int[] ks = [.. TopK.Where(k => k <= classes)];
        var accuracy = Dloss.Evaluate(Fixtures.PathOf(file), "--top-k", string.Join(',', ks)).Json.GetProperty("accuracy");
        Assert.Equal([.. ks.Select(k => $"top{k}"), "meanReciprocalRank"], accuracy.EnumerateObject().Select(p => p.Name));
        foreach (int k in ks)
        {
            double hits = expected.GetProperty("top").Count(k.ToString(CultureInfo.InvariantCulture));
            Assert.Equal(hits / expected.Count("evaluated"), accuracy.Number($"top{k}"));
        }
    }

    [Theory]
    [MemberData(nameof(Sets))]
    public void Per_class_figures_are_the_expected_ones(string set, string file)
    {
        var expected = Fixtures.Expected.GetProperty(set).GetProperty("perClass").EnumerateArray().ToArray();
        var actual = Dloss.Evaluate(Fixtures.PathOf(file)).Json.GetProperty("perClass").EnumerateArray().ToArray();
        Assert.Equal(expected.Length, actual.Length);
        foreach (var (e, a) in expected.Zip(actual))
        {
            Assert.Equal(e.Count("class"), a.Count("class"));
            Assert.Equal(e.Count("count"), a.Count("count"));
            Close(e.Number("lossSum"), a.Number("lossSum"));
            foreach (string figure in new[] { "lossMean", "recall", "precision", "f1" })
            {
                Assert.Equal(e.IsNull(figure), a.IsNull(figure));
                if (!e.IsNull(figure))
                {
                    Close(e.Number(figure), a.Number(figure));
                }
            }
        }
    }

    [Theory]
    [InlineData("known", "known/arrow_f64.parquet")]
    [InlineData("extreme", "extreme/polars_f64.parquet")]
    [InlineData("ignored", "ignored/duckdb_f32.parquet")]
    public void Row_losses_are_the_expected_ones_hardest_first(string set, string file)
    {
        var expected = Fixtures.Expected.GetProperty(set).GetProperty("rowLosses").EnumerateArray().Select(x => x.GetDouble()).OrderDescending();
        var hardest = Dloss.Evaluate(Fixtures.PathOf(file), "--hardest", "100").Json.GetProperty("hardest").EnumerateArray();
        Assert.All(expected.Zip(hardest.Select(h => h.Number("loss")), (e, a) => (e, a)), p => Close(p.e, p.a));
        Assert.Equal(expected.Count(), hardest.Count());
    }

    [Fact]
    public void Options_that_move_no_number_are_not_among_the_options_of_the_result()
    {
        string text = Dloss.Evaluate(Fixtures.PathOf("known/duckdb_f64.parquet"), "--workers", "3").Json.GetProperty("options").GetRawText();
        Assert.DoesNotContain("workers", text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("engine", text, StringComparison.OrdinalIgnoreCase);
    }

    private static void Close(double expected, double actual, double relative = 1e-15)
    {
        double tolerance = Math.Max(relative * Math.Abs(expected), 2 * Math.BitIncrement(Math.Abs(expected)) - 2 * Math.Abs(expected));
        Assert.True(Math.Abs(expected - actual) <= tolerance || expected.Equals(actual), $"expected {expected:R}, got {actual:R}");
    }
}
