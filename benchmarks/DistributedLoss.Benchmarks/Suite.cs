using BenchmarkDotNet.Running;

namespace DistributedLoss.Benchmarks;

/// <summary>The suites of this assembly, and objects of them that are set up as BenchmarkDotNet would.</summary>
internal static class Suite
{
    public static IReadOnlyList<Type> All { get; } =
        [.. typeof(Suite).Assembly.GetTypes().Where(t => t is { IsClass: true, IsAbstract: false } && t.IsAssignableTo(typeof(IUnits))).OrderBy(t => t.FullName, StringComparer.Ordinal)];

    /// <summary>With the parameters of one benchmark, and nothing called.</summary>
    public static object Create(BenchmarkCase benchmark)
    {
        object suite = Activator.CreateInstance(benchmark.Descriptor.Type)!;
        foreach (var parameter in benchmark.Parameters.Items)
        {
            benchmark.Descriptor.Type.GetProperty(parameter.Name)!.SetValue(suite, parameter.Value);
        }

        return suite;
    }
}
