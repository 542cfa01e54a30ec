using DistributedLoss.Evaluation;
using DistributedLoss.Wire;
using DistributedLoss.Wire.Messages;
using Google.Protobuf;

namespace DistributedLoss.Tests.Wire;

public sealed class WireTotalsTests : IDisposable
{
    private readonly DumpFolder _folder = new();

    public static TheoryData<string> Names => WireCase.Names;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Names))]
    public void Totals_come_back_with_the_same_bits_whole_or_shard_by_shard(string name)
    {
        var plan = WireCase.Plan(_folder, name);
        var whole = DumpFolder.Evaluate(plan);
        var read = WireTotals.Read(WireTotals.Write(whole), plan.Shape);
        Assert.Equal(whole.ExecutionDigest(), read.ExecutionDigest());
        Assert.Equal(whole.Digest(), read.Digest());
        Assert.Equal((whole.FileRows, whole.MeanLoss), (read.FileRows, read.MeanLoss));

        // The digest leaves some counts out where no option asks for them.
        Assert.All(InvalidCauses.All, cause => Assert.Equal(whole.Rows[cause], read.Rows[cause]));

        var merged = plan.NewTotals();
        using var evaluator = new ShardEvaluator(plan);
        foreach (var shard in plan.Shards)
        {
            merged.Add(WireTotals.Read(WireTotals.Write(evaluator.Evaluate(shard, plan.NewTotals(), new Patient())!.Totals), plan.Shape));
        }

        Assert.Equal(whole.ExecutionDigest(), merged.ExecutionDigest());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Equal_totals_have_equal_bytes(string name)
    {
        var plan = WireCase.Plan(_folder, name);
        byte[] bytes = WireTotals.Write(DumpFolder.Evaluate(plan));
        Assert.Equal(bytes, WireTotals.Write(DumpFolder.Evaluate(plan)));
        Assert.Equal(bytes, WireTotals.Write(WireTotals.Read(bytes, plan.Shape)));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Totals_of_no_rows_come_back_too(string name)
    {
        var plan = WireCase.Plan(_folder, name);
        var none = plan.NewTotals();
        Assert.Equal(none.ExecutionDigest(), WireTotals.Read(WireTotals.Write(none), plan.Shape).ExecutionDigest());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Damaged_bytes_are_refused_or_say_something_else_in_full(string name)
    {
        var plan = WireCase.Plan(_folder, name);
        byte[] bytes = WireTotals.Write(DumpFolder.Evaluate(plan));
        var random = new Random(20);
        for (int i = 0; i < 150; i++)
        {
            byte[] damaged = [.. bytes];
            for (int flips = random.Next(1, 4); flips > 0; flips--)
            {
                damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
            }

            Totals read;
            try
            {
                read = WireTotals.Read(damaged, plan.Shape);
            }
            catch (WireException e)
            {
                Assert.DoesNotContain('\n', e.Message);
                continue;
            }

            // A count or a sum that could be: nothing of it is dropped.
            Assert.Equal(damaged, WireTotals.Write(read));
        }
    }

    [Fact]
    public void Bytes_cut_at_any_place_are_refused()
    {
        var plan = WireCase.Plan(_folder, "unsliced");
        byte[] bytes = WireTotals.Write(DumpFolder.Evaluate(plan));
        for (int length = 0; length < bytes.Length; length++)
        {
            Assert.Throws<WireException>(() => WireTotals.Read(bytes.AsSpan(0, length), plan.Shape));
        }
    }

    [Fact]
    public void Bytes_behind_the_totals_are_refused()
    {
        var plan = WireCase.Plan(_folder, "bare");
        byte[] bytes = WireTotals.Write(DumpFolder.Evaluate(plan));
        Assert.Throws<WireException>(() => WireTotals.Read([.. bytes, 0], plan.Shape));

        // Totals twice are one message to protobuf.
        Assert.Throws<WireException>(() => WireTotals.Read([.. bytes, .. bytes], plan.Shape));
    }

    [Fact]
    public void Fields_that_version_1_does_not_have_are_refused_wherever_they_are()
    {
        var plan = WireCase.Plan(_folder, "index");
        var totals = DumpFolder.Evaluate(plan);
        byte[] unknown = [0xf8, 0x07, 1];

        byte[] top = [.. WireTotals.Write(totals), .. unknown];
        Assert.Contains("fields", Assert.Throws<WireException>(() => WireTotals.Read(top, plan.Shape)).Message, StringComparison.Ordinal);

        var message = TotalsMessage.Parser.ParseFrom(WireTotals.Write(totals));
        message.Sums.Rows = RowCountsMessage.Parser.ParseFrom([.. message.Sums.Rows.ToByteArray(), .. unknown]);
        Assert.Contains("fields", Assert.Throws<WireException>(() => WireTotals.Read(message.ToByteArray(), plan.Shape)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(uint.MaxValue)]
    public void Another_version_is_refused_by_its_number(uint version)
    {
        var plan = WireCase.Plan(_folder, "bare");
        var message = TotalsMessage.Parser.ParseFrom(WireTotals.Write(DumpFolder.Evaluate(plan)));
        message.Version = version;
        var refused = Assert.Throws<WireException>(() => WireTotals.Read(message.ToByteArray(), plan.Shape));
        Assert.Contains($"version {version} where this program reads version 1", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Totals_of_another_shape_are_refused()
    {
        var shapes = WireCase.All.Select(name =>
        {
            using var folder = new DumpFolder();
            var plan = WireCase.Plan(folder, name);
            return (plan.Shape, Bytes: WireTotals.Write(plan.NewTotals()));
        }).ToArray();
        for (int i = 0; i < shapes.Length; i++)
        {
            for (int j = 0; j < shapes.Length; j++)
            {
                if (i != j)
                {
                    var refused = Assert.Throws<WireException>(() => { WireTotals.Read(shapes[i].Bytes, shapes[j].Shape); });
                    Assert.Contains("another shape", refused.Message, StringComparison.Ordinal);
                }
            }
        }
    }

    [Fact]
    public void Sums_that_contradict_the_shape_or_each_other_are_refused()
    {
        var plan = WireCase.Plan(_folder, "index");
        byte[] bytes = WireTotals.Write(DumpFolder.Evaluate(plan));
        foreach (var (change, what) in ((Action<TotalsMessage>, string)[])
            [
                (m => m.Sums.ClearLosses(), "losses: missing"),
                (m => m.Sums.Binary = ByteString.Empty, "binary: not asked for"),
                (m => m.Sums.Brier = ByteString.CopyFrom([.. m.Sums.Brier, 0]), "Brier: 1 of"),
                (m => m.Sums.Rows.Evaluated++, "rows that are evaluated"),
                (m => m.Sums.Rows.Nan = -1, "nan: -1"),
                (m => m.Sums.Rows.Ignored = long.MaxValue, "more than there can be"),
                (m => m.Hardest.Add(m.Hardest[0]), "at most 7"),
                (m => (m.Hardest[0], m.Hardest[1]) = (m.Hardest[1], m.Hardest[0]), "falling order"),
                (m => (m.Slices[0], m.Slices[1]) = (m.Slices[1], m.Slices[0]), "follows"),
                (m => m.Slices.Add(m.Slices[^1]), "follows"),
                (m => m.Slices[0].Set = 2, "which the run has not"),
                (m => m.Slices[0].Values.Clear(), "which the run has not"),
                (m => m.Slices[^1].Values[0].Text = ByteString.CopyFrom(1), "no UTF-16"),
                (m => m.Sums = null, "no sums"),
            ])
        {
            var message = TotalsMessage.Parser.ParseFrom(bytes);
            change(message);
            Assert.Contains(what, Assert.Throws<WireException>(() => WireTotals.Read(message.ToByteArray(), plan.Shape)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_key_of_any_characters_comes_back_and_null_is_not_empty()
    {
        var shape = new TotalsShape { Classes = 2, SliceSets = [["a", "b"]], MaxSlices = 10 };
        var totals = new Totals(shape);
        SliceKey[] keys = [new(0, [null, ""]), new(0, ["", null]), new(0, ["ü|3:", "\ud800"]), new(0, ["\0\n", "😀"])];
        foreach (var key in keys)
        {
            totals.Slices![key].Rows.Ignored = 1;
        }

        var read = WireTotals.Read(WireTotals.Write(totals), shape);
        Assert.Equal(totals.ExecutionDigest(), read.ExecutionDigest());
        Assert.Equal(keys.ToHashSet(), read.Slices!.Sorted.Select(s => s.Key).ToHashSet());
    }

    [Fact]
    public void More_slices_than_the_run_has_room_for_are_bad_input()
    {
        var plan = WireCase.Plan(_folder, "index");
        byte[] bytes = WireTotals.Write(DumpFolder.Evaluate(plan));
        Assert.Throws<BadInputException>(() => WireTotals.Read(bytes, plan.Shape with { MaxSlices = 3 }));
    }

    private sealed class Patient : IShardObserver
    {
        public bool MayContinue(long rowsDone) => true;
    }
}
