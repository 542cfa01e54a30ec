using System.Diagnostics;

namespace DistributedLoss.Http.Metrics;

/// <summary>
/// Memory, processor, collector and files of this process, under the names that Prometheus' client libraries
/// (https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics) and OpenTelemetry
/// (https://opentelemetry.io/docs/specs/semconv/runtime/dotnet-metrics/) share, so that dashboards know them.
/// </summary>
internal static class ProcessMetrics
{
    private static readonly string[] Generations = ["gen0", "gen1", "gen2"];

    private static readonly double Started = StartTime();

    public static IEnumerable<MetricFamily> Read()
    {
        var version = typeof(ProcessMetrics).Assembly.GetName().Version!;
        yield return MetricFamily.Info(
            "dloss_build_info", "The program's version.", KeyValuePair.Create("version", version.ToString(3)), KeyValuePair.Create("runtime", Environment.Version.ToString()));
        yield return MetricFamily.Gauge("process_start_time_seconds", "When the process began, since 1970 UTC.", Started);
        yield return MetricFamily.Counter("process_cpu_seconds_total", "User and system time of all threads.", Processor());
        yield return MetricFamily.Gauge("process_resident_memory_bytes", "Memory that is in RAM.", Environment.WorkingSet);
        yield return MetricFamily.Gauge("process_open_fds", "File descriptors that are open.", OpenFiles());

        var memory = GC.GetGCMemoryInfo(GCKind.Any);
        yield return MetricFamily.Labelled(
            MetricType.Counter,
            "dotnet_gc_collections_total",
            "Collections of the managed heap, each counted in the oldest generation that it took.",
            "gc_heap_generation",
            Generations.Select((name, i) => (name, (double)(GC.CollectionCount(i) - (i < 2 ? GC.CollectionCount(i + 1) : 0)))));
        yield return MetricFamily.Counter("dotnet_gc_heap_allocated_bytes_total", "Bytes that were allocated on the managed heap.", GC.GetTotalAllocatedBytes());
        yield return MetricFamily.Gauge("dotnet_gc_heap_size_bytes", "Live and dead objects on the managed heap.", GC.GetTotalMemory(forceFullCollection: false));
        yield return MetricFamily.Gauge("dotnet_gc_committed_bytes", "Memory that the managed heap held after the last collection.", memory.TotalCommittedBytes);
        yield return MetricFamily.Counter("dotnet_gc_pause_seconds_total", "Time in which collections stopped the program.", GC.GetTotalPauseDuration().TotalSeconds);
    }

    private static double Processor() => OperatingSystem.IsWindows() || OperatingSystem.IsLinux() || OperatingSystem.IsMacOS() ? Environment.CpuUsage.TotalTime.TotalSeconds : 0;

    private static double StartTime()
    {
        using var process = Process.GetCurrentProcess();
        return (process.StartTime.ToUniversalTime() - DateTime.UnixEpoch).TotalSeconds;
    }

    // Only Linux has the list.
    private static double? OpenFiles()
    {
        try
        {
            return Directory.Exists("/proc/self/fd") ? Directory.EnumerateFileSystemEntries("/proc/self/fd").Count() : null;
        }
        catch (IOException)
        {
            // Out of file descriptors: the figure that would say so.
            return null;
        }
    }
}
