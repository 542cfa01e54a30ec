using System.Runtime.InteropServices;
using DistributedLoss.Faults.Processes;
using DistributedLoss.Faults.Rounds;

namespace DistributedLoss.Faults;

/// <summary>Rounds of faults, one line each, and a last line that sums them up. Exit code 0 if all held, 1 if one did not, 2 for the command line.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] arguments)
    {
        if (ProgramOptions.Parse(arguments, out string? error) is not { } options)
        {
            await Console.Error.WriteLineAsync(error);
            return 2;
        }

        if (Broker.Missing is { } missing)
        {
            await Console.Error.WriteLineAsync(missing);
            return 2;
        }

        // Ends between two steps rather than in one: what was started is stopped.
        using var stop = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            stop.Cancel();
        }

        string folder = Directory.CreateTempSubdirectory("dloss-faults-").FullName;
        bool held = false;
        try
        {
            return (held = await RunAsync(options, folder, stop.Token)) ? 0 : 1;
        }
        finally
        {
            if (held)
            {
                Directory.Delete(folder, recursive: true);
            }
            else
            {
                await Console.Error.WriteLineAsync($"the run directories are in {folder}");
            }
        }
    }

    private static async Task<bool> RunAsync(ProgramOptions options, string folder, CancellationToken stop)
    {
        string file = options.Dump ?? await Dump.GenerateAsync(Path.Combine(folder, "dump.parquet"));
        string links = Path.Combine(folder, "dump");
        var dump = options.Links is { } count
            ? await Dump.LinkAsync(file, links, count, options.ShardBytes)
            : await Dump.LastAsync(file, links, options.Time, options.ShardBytes);
        Console.WriteLine($"{dump.Rows} rows in {Directory.GetFiles(links).Length} links to {file}, digest of one process {dump.Digest[..16]}; seed {options.Seed}");
        if (NetworkLink.Missing is { } missing)
        {
            Console.WriteLine($"no link is cut: {missing}");
        }

        List<RoundReport> reports = [];
        for (int i = 0; i < options.Rounds && !stop.IsCancellationRequested; i++)
        {
            var kinds = options.KindsOf(i);
            var report = await RoundAsync(FaultSchedule.Of(options.Seed + i, kinds), dump, Path.Combine(folder, $"round{i + 1}"));
            reports.Add(report);
            Console.WriteLine($"round {i + 1}: {report}");
            foreach (string violation in report.Violations)
            {
                Console.WriteLine($"  {violation}");
            }
        }

        Console.WriteLine(Summary(reports));
        return reports.Count == options.Rounds && reports.TrueForAll(r => r.Held);
    }

    private static async Task<RoundReport> RoundAsync(FaultSchedule schedule, Dump dump, string runDirectory)
    {
        await using var cluster = await Cluster.StartAsync(schedule.Kinds.HasFlag(FaultKinds.Link));
        return await new Round(cluster, schedule, dump, runDirectory).RunAsync();
    }

    private static string Summary(List<RoundReport> reports)
    {
        int Happened(FaultKinds kind) => reports.Sum(r => r.Completed.Count(k => k == kind));
        return $"{reports.Count(r => r.Held)} of {reports.Count} rounds held: {reports.Sum(r => r.Log.Shards)} shards, {reports.Sum(r => r.Log.TakenAgain)} taken again, {reports.Sum(r => r.Log.Retried)} retried, "
            + $"{reports.Sum(r => r.Log.Speculated)} speculated, {reports.Sum(r => r.Log.Duplicates)} duplicates; "
            + $"{Happened(FaultKinds.Workers)} workers killed, {Happened(FaultKinds.Coordinator)} coordinators killed, {Happened(FaultKinds.Broker)} brokers restarted, "
            + $"{Happened(FaultKinds.Pause)} workers stopped, {Happened(FaultKinds.Link)} links cut, {reports.Sum(r => r.Missed)} faults too late";
    }
}
