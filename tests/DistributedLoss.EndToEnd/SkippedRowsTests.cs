using System.Text.Json;

namespace DistributedLoss.EndToEnd;

/// <summary>Rows that have no loss are counted by cause and nothing is lost: total = evaluated + ignored + invalid.</summary>
public class SkippedRowsTests
{
    public static TheoryData<string, string> Causes() => new()
    {
        { "label_out_of_range", "labelOutOfRange" },
        { "label_negative", "labelOutOfRange" },
        { "label_huge", "labelOutOfRange" },
        { "label_null", "nullLabel" },
        { "logit_nan", "nan" },
        { "logit_infinite", "infinity" },
        { "row_all_masked", "allMasked" },
        { "row_short", "wrongLength" },
        { "row_long", "wrongLength" },
        { "row_empty", "wrongLength" },
        { "row_null", "nullLogits" },
        { "logit_null", "nullLogits" },
    };

    [Theory]
    [MemberData(nameof(Causes))]
    public void A_skipped_row_is_counted_under_its_cause(string file, string cause)
    {
        var rows = Skip(Fixtures.PathOf($"bad/{file}.parquet")).GetProperty("rows");
        Assert.Equal(20, rows.Count("total"));
        Assert.Equal(19, rows.Count("evaluated"));
        var invalid = Assert.Single(rows.GetProperty("invalid").EnumerateObject());
        Assert.Equal((cause, 1L), (invalid.Name, invalid.Value.GetInt64()));
    }

    [Fact]
    public void A_row_skipped_for_any_cause_leaves_the_same_totals_behind()
    {
        // Row 7 is the one at fault in each, so what remains is the same 19 rows, but for the cause in the digest.
        string[] means = [.. Causes().Select(c => Skip(Fixtures.PathOf($"bad/{(string)((object[])c)[0]}.parquet")).GetProperty("loss").GetProperty("mean").GetRawText())];
        Assert.Single(means.Distinct());
    }

    [Fact]
    public void Each_row_is_in_exactly_one_count()
    {
        var rows = Skip(Fixtures.PathOf("bad/many_causes.parquet")).GetProperty("rows");
        var invalid = rows.GetProperty("invalid").EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetInt64());
        Assert.Equal(
            new Dictionary<string, long> { ["labelOutOfRange"] = 1, ["nullLabel"] = 1, ["nullLogits"] = 2, ["wrongLength"] = 1, ["nan"] = 1, ["infinity"] = 1, ["allMasked"] = 1 },
            invalid);
        Assert.Equal(1, rows.Count("ignored"));
        Assert.Equal(11, rows.Count("evaluated"));
        Assert.Equal(20, rows.Count("total"));
    }

    [Fact]
    public void Skipping_says_so_on_stderr_and_not_on_stdout()
    {
        var outcome = Dloss.Evaluate(Fixtures.PathOf("bad/many_causes.parquet"), "--on-invalid", "skip");
        Assert.Equal(JsonValueKind.Object, outcome.Json.ValueKind);
        Assert.Contains("nan", outcome.Error);
        Assert.Contains("wrongLength", outcome.Error);
    }

    [Fact]
    public void A_clean_dump_has_no_invalid_rows_and_the_same_digest_either_way()
    {
        string path = Fixtures.PathOf("known/arrow_f64.parquet");
        var skipping = Dloss.Evaluate(path, "--on-invalid", "skip");
        Assert.Empty(skipping.Json.GetProperty("rows").GetProperty("invalid").EnumerateObject());
        Assert.Equal(Dloss.Evaluate(path).Mean, skipping.Mean);
    }

    private static JsonElement Skip(string path) => Dloss.Evaluate(path, "--on-invalid", "skip").Json;
}
