using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;

namespace DistributedLoss.Benchmarks;

/// <summary>Time of one logit, value or byte: what can be compared between sizes.</summary>
internal sealed class UnitColumn : IColumn
{
    public string Id => nameof(UnitColumn);

    public string ColumnName => "ns a unit";

    public bool AlwaysShow => true;

    public ColumnCategory Category => ColumnCategory.Statistics;

    public int PriorityInCategory => 1;

    public bool IsNumeric => true;

    public UnitType UnitType => UnitType.Dimensionless;

    public string Legend => "Mean, divided by the logits (values, bytes) of one call";

    public bool IsAvailable(Summary summary) => true;

    public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => false;

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase) =>
        summary[benchmarkCase]?.ResultStatistics is { } statistics && Suite.Create(benchmarkCase) is IUnits units
            ? $"{statistics.Mean / units.Units:F3} ({units.Unit})"
            : "-";

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style) => GetValue(summary, benchmarkCase);
}
