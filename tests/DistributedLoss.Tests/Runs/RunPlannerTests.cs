using DistributedLoss.Evaluation;
using DistributedLoss.Parquet.Columns;
using DistributedLoss.Parquet.Writing;
using DistributedLoss.Runs;

namespace DistributedLoss.Tests.Runs;

public sealed class RunPlannerTests : IDisposable
{
    private const int Rows = 500;
    private readonly DumpFolder _folder = new();

    public static TheoryData<string, LogitLayout, WriterOptions> GiantRowGroups => new()
    {
        { "V1 pages", LogitLayout.List, new WriterOptions { PageRows = 7 } },
        { "V2 pages", LogitLayout.List, new WriterOptions { PageRows = 7, PageVersion = 2 } },
        { "V1 pages without an index", LogitLayout.List, new WriterOptions { PageRows = 7, OffsetIndex = false } },
        { "pages that end within rows", LogitLayout.List, new WriterOptions { PageBytes = 100, StraddleRows = true } },
        { "one page", LogitLayout.List, new WriterOptions() },
        { "flat columns", LogitLayout.Flat, new WriterOptions { PageRows = 7 } },
        { "packed", LogitLayout.PackedFixed, new WriterOptions { PageRows = 7 } },
        { "packed, each with its length", LogitLayout.PackedBinary, new WriterOptions { PageRows = 7 } },
    };

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(GiantRowGroups))]
    public void However_finely_one_row_group_is_cut_each_row_is_in_one_shard_and_no_bit_changes(string pages, LogitLayout layout, WriterOptions options)
    {
        Write("dump.parquet", layout, options);
        int most = 0;
        var digests = new HashSet<string>();
        foreach (long shardBytes in (long[])[1, 90, 1000, 5000, long.MaxValue])
        {
            var plan = Plan(layout, new PlanOptions { ShardBytes = shardBytes });
            long next = 0;
            foreach (var shard in plan.Shards)
            {
                Assert.Equal(next, shard.FirstRow);
                Assert.InRange(shard.Rows, 1, Rows);
                next += shard.Rows;
            }

            Assert.Equal(Rows, next);
            Assert.Equal(plan.Shards.Count, plan.Shards.Select(s => s.Id).Distinct().Count());
            most = Math.Max(most, plan.Shards.Count);
            digests.Add(DumpFolder.Evaluate(plan).ExecutionDigest());
        }

        Assert.Single(digests);
        Assert.True(pages == "one page" ? most == 1 : most > 50, $"at most {most} shards");
    }

    [Fact]
    public void Files_of_different_types_codecs_and_pages_are_one_dataset()
    {
        Write("a.parquet", LogitLayout.List, new WriterOptions { PageRows = 7 });
        Write("b.parquet", LogitLayout.List, new WriterOptions { PageVersion = 2, Codec = Parquet.Metadata.CompressionCodec.Snappy, RowGroupRows = 100 });
        Write("c.parquet", LogitLayout.List, new WriterOptions { ByteStreamSplit = true }, LogitType.Float64);
        Write("d.parquet", LogitLayout.List, new WriterOptions(), LogitType.Float16);
        var plan = Plan(LogitLayout.List);
        Assert.Equal(1 + 5 + 1 + 1, plan.Shards.Count);
        string digest = DumpFolder.Evaluate(plan).Digest();
        foreach (string name in (string[])["b", "c", "d"])
        {
            File.Copy(_folder["a.parquet"], _folder[$"{name}.parquet"], overwrite: true);
        }

        Assert.Equal(digest, DumpFolder.Evaluate(Plan(LogitLayout.List)).Digest());
    }

    [Fact]
    public void Flat_columns_that_disagree_on_the_number_of_classes_are_refused_with_both_files()
    {
        Write("a.parquet", LogitLayout.Flat, new WriterOptions());
        Write("b.parquet", LogitLayout.Flat, new WriterOptions(), classes: 4);
        var e = Assert.Throws<BadInputException>(() => Plan(LogitLayout.Flat));
        Assert.StartsWith(_folder["b.parquet"], e.Message, StringComparison.Ordinal);
        Assert.Contains($"holds 4 classes, but {_folder["a.parquet"]} says 3", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Lists_that_disagree_on_the_number_of_classes_are_refused_with_both_files_and_the_row()
    {
        Write("a.parquet", LogitLayout.List, new WriterOptions());
        Write("b.parquet", LogitLayout.List, new WriterOptions(), classes: 4);
        var e = Assert.Throws<BadInputException>(() => DumpFolder.Evaluate(Plan(LogitLayout.List)));
        Assert.StartsWith($"{_folder["b.parquet"]}: row group 0, row 0: the row has 4 logits, but {_folder["a.parquet"]} says 3", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_number_of_classes_that_is_given_goes_before_the_data()
    {
        Write("a.parquet", LogitLayout.List, new WriterOptions());
        var list = Plan(LogitLayout.List, numClasses: 5);
        Assert.Equal((5, "--num-classes"), (list.Classes, list.ClassesSource));
        Assert.Contains("--num-classes says 5", Assert.Throws<BadInputException>(() => DumpFolder.Evaluate(list)).Message, StringComparison.Ordinal);
        Write("a.parquet", LogitLayout.Flat, new WriterOptions());
        Assert.Contains("--num-classes says 5", Assert.Throws<BadInputException>(() => Plan(LogitLayout.Flat, numClasses: 5)).Message, StringComparison.Ordinal);
        Assert.Contains("--num-classes 0", Assert.Throws<BadInputException>(() => Plan(LogitLayout.Flat, numClasses: 0)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_number_of_classes_is_that_of_the_first_row_with_logits_whichever_file_has_it()
    {
        _folder.Write("a.parquet", DumpFolder.Nullable, new WriterOptions(), []);
        _folder.Write("b.parquet", DumpFolder.Nullable, new WriterOptions(), [new(null, -100), new([], -100)]);
        _folder.Write("c.parquet", DumpFolder.Nullable, new WriterOptions(), [new(null, -100), new([1, 2, 3, 4], 3)]);
        var plan = Plan(LogitLayout.List);
        Assert.Equal((4, _folder["c.parquet"]), (plan.Classes, plan.ClassesSource));
        var rows = DumpFolder.Evaluate(plan).Rows;
        Assert.Equal((1, 3), (rows.Evaluated, rows.Ignored));
    }

    [Fact]
    public void A_file_that_changes_between_plan_and_evaluation_is_refused_by_name()
    {
        Write("a.parquet", LogitLayout.List, new WriterOptions());
        var plan = Plan(LogitLayout.List);
        Write("a.parquet", LogitLayout.List, new WriterOptions { FirstId = 1, PageRows = 100 });
        var e = Assert.Throws<MissingInputException>(() => DumpFolder.Evaluate(plan));
        Assert.StartsWith($"{_folder["a.parquet"]}: the file changed", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Planning_leaves_no_file_open()
    {
        for (int i = 0; i < 3000; i++)
        {
            string path = _folder[$"{i:d4}.parquet"];
            if (i == 0)
            {
                Write("0000.parquet", LogitLayout.List, new WriterOptions());
            }
            else
            {
                File.Copy(_folder["0000.parquet"], path);
            }
        }

        var plan = Plan(LogitLayout.List);
        Assert.Equal(3000L * Rows, plan.Rows);
        foreach (var file in plan.Files)
        {
            // Refused while any other handle is open, in this process too.
            new FileStream(file.Path, FileMode.Open, FileAccess.ReadWrite, FileShare.None).Dispose();
        }
    }

    private void Write(string name, LogitLayout layout, WriterOptions options, LogitType type = LogitType.Float32, int classes = 3)
    {
        var schema = new DumpSchema(classes) { Layout = layout, LogitType = type };
        // Exact in every type.
        _folder.Write(name, schema, options, Enumerable.Range(0, Rows).Select(
            r => new DumpRow([.. Enumerable.Range(0, classes).Select(c => (double?)(((r * 31) + (c * 17)) % 23 / 4.0))], r * 7 % classes)));
    }

    private RunPlan Plan(LogitLayout layout, PlanOptions? cut = null, int? numClasses = null) => RunPlan.Create(
        [_folder.Path],
        new EvaluationOptions
        {
            LogitsPrefix = layout == LogitLayout.Flat ? "logits_" : null,
            Packed = layout is LogitLayout.PackedFixed or LogitLayout.PackedBinary ? FloatFormat.Float32 : null,
            NumClasses = numClasses,
        },
        cut);
}
