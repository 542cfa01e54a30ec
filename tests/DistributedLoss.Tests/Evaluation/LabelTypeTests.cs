using DistributedLoss.Evaluation;
using DistributedLoss.Parquet.Metadata;
using DistributedLoss.Parquet.Writing;
using DistributedLoss.Runs;

namespace DistributedLoss.Tests.Evaluation;

/// <summary>Narrow, unsigned and huge labels mean what their column's type says.</summary>
public sealed class LabelTypeTests : IDisposable
{
    private readonly DumpFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_negative_label_of_eight_bits_may_be_the_ignore_index()
    {
        Write(ConvertedType.Int8, 1, -100, 2);
        var totals = DumpFolder.Evaluate(Plan());
        Assert.Equal((2, 1, 0), (totals.Rows.Evaluated, totals.Rows.Ignored, totals.Rows.Invalid));
    }

    [Theory]
    [InlineData(ConvertedType.Int8, -1, "label -1 ")]
    [InlineData(ConvertedType.UInt8, 156, "label 156 ")]
    // The bits of -100, which an unsigned label never is.
    [InlineData(ConvertedType.UInt32, -100, "label 4294967196 ")]
    [InlineData(ConvertedType.UInt64, -100, "label 18446744073709551516 ")]
    [InlineData(ConvertedType.UInt64, long.MinValue, "label 9223372036854775808 ")]
    [InlineData(ConvertedType.Int64, long.MaxValue, "label 9223372036854775807 ")]
    // Its low 32 bits are a class.
    [InlineData(ConvertedType.UInt64, (1L << 32) + 1, "label 4294967297 ")]
    public void A_label_outside_the_classes_is_told_as_the_number_it_is_and_is_not_ignored(ConvertedType type, long label, string told)
    {
        Write(type, 1, label, 2);
        var e = Assert.Throws<BadInputException>(() => DumpFolder.Evaluate(Plan()));
        Assert.Contains($"row 1: {told}", e.Message, StringComparison.Ordinal);
        var totals = DumpFolder.Evaluate(Plan(InvalidRowPolicy.Skip));
        Assert.Equal((2, 0, 1), (totals.Rows.Evaluated, totals.Rows.Ignored, totals.Rows[InvalidCause.LabelOutOfRange]));
    }

    private void Write(ConvertedType type, params long[] labels)
    {
        var schema = DumpFolder.Nullable with { Int64Labels = type is ConvertedType.Int64 or ConvertedType.UInt64 };
        string path = _folder.Write("dump.parquet", schema, new WriterOptions(), labels.Select(l => new DumpRow([1, 2, 3], l)));
        DumpFolder.ChangeFooter(path, f => f with { Schema = [.. f.Schema.Select(e => e.Name == "label" ? e with { ConvertedType = type } : e)] });
    }

    private RunPlan Plan(InvalidRowPolicy policy = InvalidRowPolicy.Fail) =>
        RunPlan.Create([_folder.Path], new EvaluationOptions { OnInvalid = policy });
}
