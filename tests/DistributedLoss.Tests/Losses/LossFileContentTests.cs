using System.Text;
using DistributedLoss.Evaluation;
using DistributedLoss.Losses;
using DistributedLoss.Parquet;
using DistributedLoss.Parquet.Columns;
using DistributedLoss.Runs;

namespace DistributedLoss.Tests.Losses;

/// <summary>The file holds, line by line, what the evaluator tells of each row, position or element, for every family of options.</summary>
public sealed class LossFileContentTests : IDisposable
{
    private readonly DumpFolder _folder = new();

    public static TheoryData<string> Families => [.. OptionFamily.All.Select(f => f.Name)];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Families))]
    public void A_line_is_what_was_told_and_every_row_of_the_dump_has_its_lines(string family)
    {
        var run = OptionFamily.Of(family);
        run.Dump().Write(_folder["dump.parquet"]);
        var plan = RunPlan.Create([_folder["dump.parquet"]], run.Options, new PlanOptions { ShardBytes = 2000 });
        var told = new List<(Shard Shard, RowOutcome Outcome)>();
        var totals = Write(plan, told);
        using var file = ParquetFile.Open(_folder["losses.parquet"]);
        Assert.Equal(totals.Rows.Total + (totals.Rows.Evaluated * (plan.Shape.IsBinary ? MixedDump.Classes - 1 : 0)), file.Metadata.NumRows);
        foreach (var (name, expected) in Columns(plan, told))
        {
            Assert.True(expected.SequenceEqual(Column(file, name)), $"column {name}");
        }

        // In order, and none left out but sequences without a position, be it of logits or of labels.
        long[] rows = [.. Column(file, "row").Select(r => long.Parse(r!))];
        Assert.Equal(rows.Order(), rows);
        Assert.Equal(
            run.Dump().Rows.Select((row, r) => (Lines: Math.Max(row.Positions?.Count ?? 0, row.Labels?.Count ?? 0), Row: (long)r)).Where(r => r.Lines > 0).Select(r => r.Row),
            rows.Distinct());
    }

    private Totals Write(RunPlan plan, List<(Shard Shard, RowOutcome Outcome)> told)
    {
        var all = plan.NewTotals();
        using var evaluator = new ShardEvaluator(plan);
        using var file = new LossFile(_folder["losses.parquet"]);
        file.Begin(plan);
        foreach (var shard in plan.Shards)
        {
            using var part = file.NewPart(shard);
            var totals = evaluator.Evaluate(shard, plan.NewTotals(), new Patient(), new Both(part, row => told.Add((shard, row))))!.Totals;
            file.Settle(part.Finish(totals.Rows));
            all.Add(totals);
        }

        file.Commit();
        return all;
    }

    private static Dictionary<string, IEnumerable<string?>> Columns(RunPlan plan, List<(Shard Shard, RowOutcome Outcome)> told)
    {
        var outcomes = told.Select(t => t.Outcome);
        var columns = new Dictionary<string, IEnumerable<string?>>
        {
            ["file"] = told.Select(t => plan.Files[t.Shard.File].Path),
            ["row_group"] = told.Select(t => $"{t.Shard.RowGroup}"),
            ["loss"] = outcomes.Select(o => Text(o.Evaluated?.Loss)),
            ["predicted"] = outcomes.Select(o => Text(o.Evaluated?.Predicted)),
            ["status"] = outcomes.Select(o => o.Evaluated is not null ? "evaluated" : o.Cause is { } cause ? InvalidCauses.Name(cause) : "ignored"),
        };
        if (plan.IsWeighted)
        {
            columns["weight"] = outcomes.Select(o => Text(o.Weight));
        }

        if (plan.IsSequence || plan.Shape.IsBinary)
        {
            columns["row"] = outcomes.Select(o => $"{o.Place!.Value.Row}");
            columns[plan.IsSequence ? "position" : "class"] = outcomes.Select(o => Text(o.Place!.Value.Index));
        }

        if (plan.Shape.IsBinary)
        {
            columns["target"] = outcomes.Select(o => Text(o.Target));
            columns["p_positive"] = outcomes.Select(o => Text(o.PositiveProbability));
        }
        else
        {
            columns["label"] = outcomes.Select(o => Text(o.Label));
            columns["p_label"] = outcomes.Select(o => Text(o.Probability));
            columns["rank"] = outcomes.Select(o => Text(o.Evaluated?.Rank));
        }

        return columns;
    }

    private static string? Text<T>(T? value)
        where T : struct => value?.ToString();

    private static IEnumerable<string?> Column(ParquetFile file, string name)
    {
        for (int g = 0; g < file.Metadata.RowGroups.Count; g++)
        {
            using var reader = ScalarColumnReader.Open(file, name, g);
            while (reader.TryRead(1000, out var batch))
            {
                string?[] values = new string?[batch.Count];
                for (int i = 0; i < values.Length; i++)
                {
                    values[i] = batch.IsNull[i] ? null : name switch
                    {
                        "file" or "status" => Encoding.UTF8.GetString(batch.Bytes(i)),
                        "loss" or "weight" or "target" or "p_label" or "p_positive" => Text<double>(batch.Double(i)),
                        _ => Text<long>(batch.Int64(i)),
                    };
                }

                foreach (string? value in values)
                {
                    yield return value;
                }
            }
        }
    }

    private sealed class Both(IRowSink first, Action<RowOutcome> second) : IRowSink
    {
        public void Add(in RowOutcome row)
        {
            first.Add(row);
            second(row);
        }
    }

    private sealed class Patient : IShardObserver
    {
        public bool MayContinue(long rowsDone) => true;
    }
}
