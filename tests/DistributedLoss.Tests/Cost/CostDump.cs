using DistributedLoss.Evaluation;
using DistributedLoss.Parquet.Columns;
using DistributedLoss.Parquet.Metadata;
using DistributedLoss.Parquet.Writing;
using DistributedLoss.Runs;

namespace DistributedLoss.Tests.Cost;

/// <summary>A dump whose size is free: so many row groups of so many pages of so many rows.</summary>
/// <param name="Schema">Logits and labels.</param>
/// <param name="Pages">Codec, encodings and page version; the sizes in it are not used.</param>
public sealed record CostDump(DumpSchema Schema, WriterOptions Pages)
{
    public override string ToString()
    {
        string nulls = Schema.NullableLogits || Schema.NullableLabel ? " nullable" : "";
        string pages = $"{(Pages.ByteStreamSplit ? " split" : "")}{(Pages.LabelDictionary ? " dictionary" : "")}{(Pages.StraddleRows ? " straddling" : "")}";
        return $"{Schema.Layout} of {Schema.Classes} {Schema.LogitType}{nulls}, {Pages.Codec} V{Pages.PageVersion}{pages}{(Schema.WeightName is null ? "" : ", weighted")}";
    }

    /// <summary>Column chunks of a row group that a run reads.</summary>
    internal int Chunks => (Schema.Layout == LogitLayout.Flat ? Schema.Classes : 1) + (Schema.WeightName is null ? 1 : 2);

    /// <summary>Writes and plans it.</summary>
    /// <param name="shards">To a row group.</param>
    internal RunPlan Plan(DumpFolder folder, int groups, int pages, int rows, int shards = 1)
    {
        string path = folder[$"{groups}-{pages}-{rows}.parquet"];
        var options = Pages with { RowGroupRows = pages * rows, PageRows = Pages.StraddleRows ? int.MaxValue : rows, PageBytes = Pages.StraddleRows ? Pages.PageBytes : 1 << 29 };
        using (var writer = new DumpWriter(path, Schema, options))
        {
            var source = new SyntheticRows(3, Schema.Classes, 0.7);
            float[] logits = new float[rows * Schema.Classes];
            long[] labels = new long[rows];

            // The same rows in every page: no statistic has more to keep for more of them.
            source.Fill(0, logits, labels);
            for (int page = 0; page < groups * pages; page++)
            {
                writer.Append(logits, labels);
            }

            writer.Close();
        }

        var whole = RunPlan.Create([path], Options, new PlanOptions { ShardBytes = long.MaxValue });
        return shards == 1 ? whole : RunPlan.Create([path], Options, new PlanOptions { ShardBytes = (whole.Shards[0].Bytes / shards) + 1 });
    }

    private EvaluationOptions Options => new()
    {
        LogitsPrefix = Schema.Layout == LogitLayout.Flat ? Schema.LogitsPrefix : null,
        Packed = Schema.Layout is LogitLayout.PackedFixed or LogitLayout.PackedBinary ? Enum.Parse<FloatFormat>($"{Schema.LogitType}") : null,
        SampleWeightColumn = Schema.WeightName,
    };
}
