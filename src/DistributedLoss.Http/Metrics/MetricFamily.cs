namespace DistributedLoss.Http.Metrics;

public enum MetricType
{
    /// <summary>Goes up and down.</summary>
    Gauge,

    /// <summary>Goes up from the process's start on; its name ends in <c>_total</c>.</summary>
    Counter,

    /// <summary>A sum and a count, <c>_sum</c> and <c>_count</c>, without quantiles.</summary>
    Summary,
}

/// <summary>All samples of one name, as Prometheus' data model has it (https://prometheus.io/docs/concepts/data_model/).</summary>
/// <param name="Help">One sentence; its unit is in the name.</param>
/// <param name="Samples">None where the value is not known: Prometheus tells absence from zero.</param>
public sealed record MetricFamily(string Name, MetricType Type, string Help, IReadOnlyList<MetricSample> Samples)
{
    public static MetricFamily Gauge(string name, string help, double? value) => new(name, MetricType.Gauge, help, One(value));

    public static MetricFamily Counter(string name, string help, double value) => new(name, MetricType.Counter, help, One(value));

    /// <param name="label">The name of the one label that tells the samples apart.</param>
    public static MetricFamily Labelled(MetricType type, string name, string help, string label, params IEnumerable<(string Label, double Value)> samples) =>
        new(name, type, help, [.. samples.Select(s => new MetricSample(s.Value, "", [new(label, s.Label)]))]);

    /// <summary>A constant 1 whose labels tell something about the process.</summary>
    public static MetricFamily Info(string name, string help, params KeyValuePair<string, string>[] labels) =>
        new(name, MetricType.Gauge, help, [new MetricSample(1, "", labels)]);

    public static MetricFamily Summary(string name, string help, double sum, long count) =>
        new(name, MetricType.Summary, help, [new MetricSample(sum, "_sum", []), new MetricSample(count, "_count", [])]);

    private static MetricSample[] One(double? value) => value is { } v ? [new MetricSample(v, "", [])] : [];
}

/// <param name="Suffix">What the sample's name has behind the family's.</param>
public sealed record MetricSample(double Value, string Suffix, IReadOnlyList<KeyValuePair<string, string>> Labels);
