using System.Text.Json.Nodes;
using DistributedLoss.Coordination;
using DistributedLoss.Http.Status;

namespace DistributedLoss.Http.Live;

/// <summary>
/// A run as its page shows it. Whoever runs it tells what happens, which costs next to nothing; what viewers get is made for them, from the latest there is.
/// For any number of threads.
/// </summary>
/// <param name="title">What is run, in a few words.</param>
public sealed class LiveRun(string title, TimeProvider time) : IProgress<RunProgress>
{
    /// <summary>Between two states that are made, however many viewers ask.</summary>
    internal static readonly TimeSpan Interval = TimeSpan.FromSeconds(0.25);

    // Where nothing happens, the times since something did go on, and a viewer sees that the connection is alive.
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly RunFacts _run = new();
    private readonly ConnectionState _connection = new(time);
    private readonly WorkerBoard _workers = new(time);
    private readonly Throughput _throughput = new();
    private readonly LogTail _log = new();
    private RunEvent.RunStalled? _stalled;
    private RunEvent.RunResumed? _resumed;
    private long _version;
    private LiveState? _state;
    private long _stateAt;
    private Lazy<byte[]>? _report;
    private bool _hasEnded;

    public string Title => title;

    public void Observe(RunEvent e)
    {
        lock (_gate)
        {
            var before = _run.State;
            _run.Observe(e);
            _connection.Observe(e);
            _workers.Observe(e);
            switch (e)
            {
                case RunEvent.RunStalled stalled:
                    _stalled = stalled;
                    break;
                case RunEvent.RunResumed resumed:
                    _resumed = resumed;
                    break;
                case RunEvent.ShardFinished:
                    _stalled = null;
                    break;
                default:
                    break;
            }

            Change(atOnce: _run.State != before);
        }
    }

    public void Report(RunProgress value)
    {
        lock (_gate)
        {
            if (value.RowsDone > _run.Progress?.RowsDone)
            {
                _stalled = null;
            }

            _run.Report(value);
            _workers.Report(value);
            _throughput.Add(value.Elapsed, value.RowsDone, value.RowsResumed);
            Change(atOnce: false);
        }
    }

    /// <summary>A line of the log.</summary>
    /// <param name="level">As docs/logging.md has it.</param>
    /// <param name="text">Called when the first viewer reads it.</param>
    public void Tell(string level, Func<string> text)
    {
        lock (_gate)
        {
            _log.Add(time.GetUtcNow(), level, text);
        }
    }

    /// <summary>Nothing more happens in the run.</summary>
    /// <param name="report">The page of its result, made when the first viewer reads it; null where there is no result.</param>
    public void End(Func<byte[]>? report)
    {
        lock (_gate)
        {
            _report = report is null ? null : new Lazy<byte[]>(report);
            _hasEnded = true;
            Change(atOnce: true);
        }
    }

    /// <summary>The report's page; null while there is none.</summary>
    internal byte[]? ReadReport()
    {
        Lazy<byte[]>? report;
        lock (_gate)
        {
            report = _report;
        }

        return report?.Value;
    }

    /// <summary>The state of now, or of an <see cref="Interval"/> ago at most; another object each time that there is something to tell.</summary>
    internal LiveState State()
    {
        lock (_gate)
        {
            if (_state is null || time.GetElapsedTime(_stateAt) >= (_state.Version == _version ? Heartbeat : Interval))
            {
                _state = new LiveState(_version, _hasEnded, ToJson().ToJsonString());
                _stateAt = time.GetTimestamp();
            }

            return _state;
        }
    }

    /// <inheritdoc cref="LogTail.After"/>
    internal (JsonArray? Lines, long Last) LogAfter(long last)
    {
        lock (_gate)
        {
            return _log.After(last);
        }
    }

    /// <param name="atOnce">Too important to wait for the end of the interval.</param>
    private void Change(bool atOnce)
    {
        _version++;
        if (atOnce)
        {
            _state = null;
        }
    }

    private JsonObject ToJson()
    {
        var progress = _run.Progress;
        var started = _run.Started;
        bool isStalled = _stalled is not null && _run.State == RunState.Running;
        return new JsonObject
        {
            ["state"] = isStalled ? "stalled" : _run.State.ToString().ToLowerInvariant(),
            ["reason"] = isStalled ? _stalled!.Reason : _run.Failure,
            ["ended"] = _hasEnded,
            ["report"] = _report is not null,
            ["run"] = started?.Run,
            ["engine"] = started?.Engine,
            ["kernel"] = started?.Kernel,
            ["files"] = started?.Files,
            ["classes"] = started?.Classes,
            ["shards"] = new JsonObject
            {
                ["total"] = started?.Shards,
                ["done"] = progress?.ShardsDone ?? _resumed?.ShardsDone,
                ["underWay"] = progress?.ShardsUnderWay,
                ["resumed"] = _resumed?.ShardsDone,
                ["retried"] = _run.Retried,
                ["speculated"] = _run.Speculated,
                ["duplicates"] = _run.Duplicates,
            },
            ["rows"] = new JsonObject
            {
                ["total"] = started?.Rows,
                ["done"] = progress?.RowsDone,
                ["resumed"] = progress?.RowsResumed,
                ["perSecond"] = Number(progress?.RowsPerSecond),
                ["perSecondNow"] = Number(_throughput.Rate),
                ["logits"] = Number(progress?.LogitsPerRow),
            },
            ["elapsed"] = Number(progress?.Elapsed.TotalSeconds),
            ["remaining"] = Number(progress?.Remaining?.TotalSeconds),
            ["loss"] = new JsonObject
            {
                ["mean"] = Number(_run.MeanLoss),
                ["low"] = Number(progress?.MeanInterval95?.Low),
                ["high"] = Number(progress?.MeanInterval95?.High),
                ["top1"] = Number(progress?.Top1),
            },
            ["connection"] = _connection.Address is { } address
                ? new JsonObject { ["address"] = address, ["lost"] = _connection.IsAway ? _connection.Reason : null }
                : null,
            ["workers"] = new JsonObject
            {
                ["present"] = _run.Workers,
                ["joined"] = _run.Joined,
                ["left"] = _run.Left,
                ["list"] = _workers.ToJson(),
            },
            ["throughput"] = _throughput.ToJson(),
        };
    }

    /// <summary>As results write numbers: JSON has no digits for what is not finite.</summary>
    private static JsonValue? Number(double? value) => value switch
    {
        null => null,
        { } number when double.IsFinite(number) => JsonValue.Create(number),
        { } number => JsonValue.Create(number.ToString(System.Globalization.CultureInfo.InvariantCulture)),
    };
}

/// <param name="Version">Higher with each change.</param>
/// <param name="HasEnded">No state of a later version says anything else.</param>
/// <param name="Json">One object.</param>
internal sealed record LiveState(long Version, bool HasEnded, string Json);
