using System.Net;
using DistributedLoss.Coordination;
using DistributedLoss.Http.Live;
using DistributedLoss.Http.Server;
using DistributedLoss.Http.Status;

namespace DistributedLoss.Browser.Live;

/// <summary>A run that goes on as a test says, on a server of its own.</summary>
internal sealed class StagedRun : IAsyncDisposable
{
    private const int ShardRows = 10_000;

    private readonly CoordinatorStatus _status;
    private readonly int _classes;
    private readonly int _shards;
    private StatusServer _server;
    private int _done;

    private StagedRun(LiveRun run, CoordinatorStatus status, StatusServer server, int classes, int shards)
    {
        (Run, _status, _server, _classes, _shards) = (run, status, server, classes, shards);
        Url = server.Address;
    }

    public LiveRun Run { get; }

    public Uri Url { get; }

    public static async Task<StagedRun> StartAsync(string title = "predictions/", int classes = 10, int shards = 40)
    {
        var run = new LiveRun(title, TimeProvider.System);
        var status = new CoordinatorStatus(TimeSpan.FromMinutes(5), TimeProvider.System);
        return new StagedRun(run, status, await StartAsync(status, run), classes, shards);
    }

    // A port that connections, of this browser among others, are not given by the system: it is to be free when the server comes back.
    private static async Task<StatusServer> StartAsync(CoordinatorStatus status, LiveRun run)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return await StatusServer.StartAsync(new IPEndPoint(IPAddress.Loopback, Random.Shared.Next(20_000, 32_000)), status, run);
            }
            catch (IOException) when (attempt < 100)
            {
                // Taken.
            }
        }
    }

    public void Tell(RunEvent e, string level = "information", string? text = null)
    {
        _status.Observe(e);
        Run.Observe(e);
        Run.Tell(level, () => text ?? e.ToString());
    }

    public void Begin(params string[] workers)
    {
        Tell(new RunEvent.RunStarted(4, _shards, (long)_shards * ShardRows, _classes, "local", workers.Length, "256", "8a04c5d2f7e14b0d9a63c1b2e4f50617"), text: "run started");
        for (int i = 0; i < workers.Length; i++)
        {
            Tell(new RunEvent.WorkerJoined(workers[i], i + 1), text: $"worker {workers[i]} joined");
        }
    }

    public void Assign(int shard, string worker, int attempt = 1) => Tell(
        new RunEvent.ShardAssigned(shard, $"id{shard}", worker, attempt, ShardRows, $"/data/predictions/part-{shard / 10:000}.parquet", shard % 10, 0),
        "debug",
        $"shard {shard} to worker {worker}");

    public void Finish(int shard, string worker, double seconds = 0.08)
    {
        _done++;
        Tell(
            new RunEvent.ShardFinished(shard, worker, ShardRows, ShardRows, 1.25, seconds, _done, _shards, 10),
            "debug",
            $"shard {shard} finished by worker {worker} in {seconds} s");
    }

    /// <param name="seconds">Since the run began.</param>
    /// <param name="rows">Read of shards under way.</param>
    public void Report(double seconds, long rows = 0, int underWay = 2, int workers = 2, long resumed = 0, params WorkerProgress[] busy)
    {
        long done = rows + resumed + ((long)_done * ShardRows);
        double rate = done / Math.Max(seconds, 0.1);
        long total = (long)_shards * ShardRows;
        var progress = new RunProgress(_done, _shards, done, total, rate, TimeSpan.FromSeconds(seconds), TimeSpan.FromSeconds((total - done) / Math.Max(rate, 1)), _done == 0 ? null : 1.2534871, workers)
        {
            ShardsUnderWay = underWay,
            Busy = busy,
            RowsResumed = resumed,
            LogitsPerRow = _done == 0 ? null : _classes,
            MeanInterval95 = _done == 0 ? null : (1.2412345, 1.2657397),
            Top1 = _done == 0 ? null : 0.7421,
        };
        _status.Report(progress);
        Run.Report(progress);
    }

    /// <summary>A lifelike first half.</summary>
    public void Half()
    {
        Begin("worker-1", "worker-2", "worker-3");
        var random = new Random(7);
        for (int shard = 0; shard < _shards / 2; shard++)
        {
            string worker = $"worker-{1 + (shard % 3)}";
            Assign(shard, worker);
            Finish(shard, worker, 0.05 + (0.1 * random.NextDouble()));
            Report(0.5 + (shard * 0.3) + (0.1 * random.NextDouble()), workers: 3);
        }

        int next = _shards / 2;
        Tell(new RunEvent.WorkerLeft("worker-3", "no sign of life for 10 s", 2, 6, 60_000), "warning", "worker worker-3 left: no sign of life for 10 s");
        Tell(new RunEvent.ShardRetried(next, "worker-3", 1, "worker left"), "warning", $"shard {next} goes back to the queue after attempt 1 on worker worker-3");
        Assign(next, "worker-1", attempt: 2);
        Assign(next + 1, "worker-2");
        Report(7, rows: 4321);
    }

    public void Complete(string? report)
    {
        Tell(new RunEvent.RunFinished(_shards, (long)_shards * ShardRows, 1.2534871, "00", 12.3), text: "run finished in 12.300 s");
        Run.End(report is null ? null : () => System.Text.Encoding.UTF8.GetBytes(report));
    }

    /// <summary>The server ends, and with it every connection.</summary>
    public ValueTask DropAsync() => _server.DisposeAsync();

    /// <summary>... and is there again, at the same port.</summary>
    public async Task ComeBackAsync() => _server = await StatusServer.StartAsync(new IPEndPoint(IPAddress.Loopback, Url.Port), _status, Run);

    public Task WaitForViewersAsync(TimeSpan limit) => _server.WaitForViewersAsync(limit, CancellationToken.None);

    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
