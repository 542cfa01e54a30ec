using DistributedLoss.Results;

namespace DistributedLoss.Coordination;

/// <summary>
/// Makes a <see cref="RunHistory"/> of a run's events: of each shard that counts, up to a number; beyond that of all shards by worker and time, in stretches that grow
/// with the run. So its memory is bounded, and every shard is in it.
/// </summary>
/// <param name="time">Only elapsed time is taken.</param>
public sealed class RunHistoryRecorder(TimeProvider time)
{
    /// <summary>Shards that have a span of their own.</summary>
    public const int MostShards = 4096;

    /// <summary>Workers that have spans of their own; those that come later share the worker <see cref="RunHistory.OtherWorkers"/>.</summary>
    public const int MostWorkers = 1024;

    private const int MostBins = 64;

    // Of a second: microseconds.
    private const int Digits = 6;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, (int Shard, int Attempt, double At)> _assigned = [];
    private readonly Dictionary<(string Worker, int Bin), RunSpan> _bins = [];
    private readonly HashSet<string> _workers = [];
    private readonly List<(int Shard, RunSpan Span)> _shards = [];
    private long _began = time.GetTimestamp();
    private double? _width;
    private int _resumed;

    private double Now => time.GetElapsedTime(_began).TotalSeconds;

    public void Observe(RunEvent e)
    {
        lock (_gate)
        {
            switch (e)
            {
                case RunEvent.RunStarted:
                    _began = time.GetTimestamp();
                    break;
                case RunEvent.RunResumed(var done, _, _):
                    _resumed = done;
                    break;
                case RunEvent.ShardAssigned x:
                    _assigned[x.Worker] = (x.Shard, x.Attempt, Now);
                    break;
                case RunEvent.WorkerLeft(var worker, _, _, _, _):
                    _assigned.Remove(worker);
                    break;
                case RunEvent.ShardFinished x:
                    Finish(x);
                    break;
            }
        }
    }

    public RunHistory ToHistory()
    {
        lock (_gate)
        {
            return _width is null
                ? new RunHistory(null, _resumed, [.. _shards.OrderBy(s => s.Span.Start).ThenBy(s => s.Span.Worker, StringComparer.Ordinal).ThenBy(s => s.Shard).Select(s => s.Span)])
                : new RunHistory(_width, _resumed, [.. _bins.Values.OrderBy(s => s.Start).ThenBy(s => s.Worker, StringComparer.Ordinal)]);
        }
    }

    private void Finish(RunEvent.ShardFinished x)
    {
        string worker = _workers.Contains(x.Worker) || (_workers.Count < MostWorkers && _workers.Add(x.Worker)) ? x.Worker : RunHistory.OtherWorkers;
        bool known = _assigned.TryGetValue(x.Worker, out var assigned) && assigned.Shard == x.Shard;
        // A result may wait for others before it is sent: the assignment is nearer to the start than the arrival.
        double start = Math.Max(0, known ? assigned.At : Now - x.Seconds);
        var span = new RunSpan(worker, Math.Round(start, Digits), Math.Round(x.Seconds, Digits), 1, x.Rows, known && assigned.Attempt > 1 ? 1 : 0);
        if (_width is null && _shards.Count < MostShards)
        {
            _shards.Add((x.Shard, span));
            return;
        }

        if (_width is null)
        {
            _width = Math.Max(Now, double.Epsilon) * 2 / MostBins;
            _shards.ForEach(s => Add(s.Span));
            _shards.Clear();
        }

        Add(span);
    }

    private void Add(RunSpan span)
    {
        double end = span.Start + span.Seconds;
        while (end >= MostBins * _width)
        {
            Widen();
        }

        Merge((int)(end / _width!.Value), span);
    }

    private void Widen()
    {
        _width *= 2;
        var before = _bins.ToArray();
        _bins.Clear();
        foreach (var ((_, bin), span) in before)
        {
            Merge(bin / 2, span);
        }
    }

    private void Merge(int bin, RunSpan span)
    {
        var sum = _bins.GetValueOrDefault((span.Worker, bin), new RunSpan(span.Worker, 0, 0, 0, 0, 0));
        _bins[(span.Worker, bin)] = new RunSpan(
            span.Worker, Math.Round(bin * _width!.Value, Digits), Math.Round(sum.Seconds + span.Seconds, Digits), sum.Shards + span.Shards, sum.Rows + span.Rows, sum.Repeated + span.Repeated);
    }
}
