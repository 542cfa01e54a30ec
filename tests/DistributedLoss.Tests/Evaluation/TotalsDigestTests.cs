using DistributedLoss.Evaluation;
using DistributedLoss.Parquet.Writing;
using DistributedLoss.Runs;

namespace DistributedLoss.Tests.Evaluation;

/// <summary>Equal logits, labels and options give an equal digest; nothing else is in it.</summary>
public sealed class TotalsDigestTests : IDisposable
{
    private readonly DumpFolder _folder = new();

    private static DumpRow[] Rows { get; } =
    [
        // Losses from 1e-9 to 1e3, so that a plain sum would depend on its order; an ignored row, and invalid ones.
        .. Enumerable.Range(0, 60).Select(r => new DumpRow([r % 7 * 3.5, -r, r % 11 * (r % 13 == 5 ? 100 : 0.125)], r % 3)),
        new([1, 2, 3], -100),
        new([1, double.NaN, 3], 0),
        new(null, 0),
        new([1, 2, 3], 3),
        new([double.NegativeInfinity, 0, 0], 0),
    ];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void It_does_not_depend_on_the_order_in_which_totals_are_merged()
    {
        Write("a.parquet", Rows);
        var plan = Plan(shardBytes: 1);
        Assert.True(plan.Shards.Count > 20, $"{plan.Shards.Count} shards are too few");
        var random = new Random(1);
        var digests = new HashSet<string>();
        for (int i = 0; i < 20; i++)
        {
            var shards = plan.Shards.ToArray();
            random.Shuffle(shards);
            digests.Add(DumpFolder.Evaluate(plan with { Shards = shards }).ExecutionDigest());
        }

        Assert.Single(digests);
    }

    [Fact]
    public void It_does_not_depend_on_file_names_row_order_or_how_rows_are_split_over_files()
    {
        Write("a.parquet", Rows);
        string digest = Evaluate().Digest();
        File.Move(_folder["a.parquet"], _folder["z.parquet"]);
        Assert.Equal(digest, Evaluate().Digest());
        Write("z.parquet", [.. Rows.Reverse()]);
        Assert.Equal(digest, Evaluate().Digest());
        Write("z.parquet", Rows[..17]);
        Write("b.parquet", Rows[17..]);
        Assert.Equal(digest, Evaluate().Digest());
    }

    [Theory]
    [InlineData("a logit by one bit")]
    [InlineData("a label")]
    [InlineData("a row more")]
    [InlineData("an ignored row more")]
    [InlineData("another cause")]
    public void It_tells_any_other_dump(string change)
    {
        Write("a.parquet", Rows);
        string digest = Evaluate().Digest();
        DumpRow[] rows = [.. Rows];
        switch (change)
        {
            case "a logit by one bit":
                rows[3] = rows[3] with { Logits = [.. rows[3].Logits!.Select((z, c) => c == 0 ? (double)float.BitIncrement((float)z!.Value) : z)] };
                break;
            case "a label":
                rows[4] = rows[4] with { Label = 2 };
                break;
            case "a row more":
                rows = [.. rows, rows[0]];
                break;
            case "an ignored row more":
                rows = [.. rows, new([1, 2, 3], -100)];
                break;
            default:
                rows = [.. rows.Select(r => r.Logits is null ? new DumpRow([1, null, 1], 0) : r).Select(r => r.Label == 3 ? r with { Label = null } : r)];
                break;
        }

        Write("a.parquet", rows);
        Assert.NotEqual(digest, Evaluate().Digest());
    }

    [Fact]
    public void The_execution_digest_also_has_the_places_of_the_hardest_rows()
    {
        Write("a.parquet", Rows);
        var there = Evaluate();
        Write("a.parquet", [.. Rows.Reverse()]);
        var here = Evaluate();
        Assert.Equal(there.Digest(), here.Digest());
        Assert.NotEqual(there.ExecutionDigest(), here.ExecutionDigest());
    }

    [Fact]
    public void Cleared_totals_are_those_of_no_rows()
    {
        Write("a.parquet", Rows);
        var plan = Plan();
        var totals = DumpFolder.Evaluate(plan);
        totals.Clear();
        Assert.Equal(plan.NewTotals().ExecutionDigest(), totals.ExecutionDigest());
    }

    private void Write(string name, DumpRow[] rows) =>
        _folder.Write(name, DumpFolder.Nullable, new WriterOptions { PageRows = 2, RowGroupRows = 40 }, rows);

    private Totals Evaluate() => DumpFolder.Evaluate(Plan());

    private RunPlan Plan(long shardBytes = long.MaxValue) => RunPlan.Create(
        [_folder.Path], new EvaluationOptions { OnInvalid = InvalidRowPolicy.Skip }, new PlanOptions { ShardBytes = shardBytes });
}
