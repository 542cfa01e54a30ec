using System.Text.Json.Nodes;
using DistributedLoss.Coordination;

namespace DistributedLoss.Http.Live;

/// <summary>Who works, at what, how fast, and since when nothing was heard of whom.</summary>
internal sealed class WorkerBoard(TimeProvider time)
{
    /// <summary>Workers that a page lists, and those that are gone and are remembered.</summary>
    internal const int MostWorkers = 200;

    private readonly OrderedDictionary<string, Worker> _present = [];
    private readonly LinkedList<Worker> _gone = [];
    private readonly HashSet<int> _shared = [];

    public void Observe(RunEvent e)
    {
        switch (e)
        {
            case RunEvent.WorkerJoined joined:
                _present[joined.Worker] = new Worker(joined.Worker) { Seen = time.GetTimestamp() };
                break;
            case RunEvent.WorkerLeft left:
                Leave(left);
                break;
            case RunEvent.ShardAssigned assigned when Heard(assigned.Worker) is { } worker:
                worker.At = assigned;
                worker.Read = 0;
                worker.Since = worker.Seen;
                break;
            case RunEvent.ShardSpeculated speculated:
                _shared.Add(speculated.Shard);
                break;
            case RunEvent.ShardFinished finished:
                Finish(finished);
                break;
            case RunEvent.ShardRetried retried:
                Stop(Heard(retried.Worker), retried.Shard);
                break;
            case RunEvent.ShardDuplicated duplicated:
                Stop(Heard(duplicated.Worker), duplicated.Shard);
                break;
            default:
                break;
        }
    }

    public void Report(RunProgress progress)
    {
        foreach (var busy in progress.Busy)
        {
            if (_present.TryGetValue(busy.Worker, out var worker) && worker.At?.Shard == busy.Shard && worker.Read != busy.Rows)
            {
                worker.Read = busy.Rows;
                worker.Seen = time.GetTimestamp();
            }
        }
    }

    /// <summary>Those that are there, as they came, and then those that left, the last one first.</summary>
    public JsonArray ToJson() => new([.. _present.Values.Concat(_gone).Take(MostWorkers).Select(w => w.ToJson(time))]);

    private void Finish(RunEvent.ShardFinished finished)
    {
        if (Heard(finished.Worker) is { } worker)
        {
            Stop(worker, finished.Shard);
            worker.Shards++;
            worker.Rows += finished.Rows;
            worker.Seconds += finished.Seconds;
        }

        if (_shared.Remove(finished.Shard))
        {
            foreach (var other in _present.Values)
            {
                Stop(other, finished.Shard);
            }
        }
    }

    private void Leave(RunEvent.WorkerLeft left)
    {
        if (!_present.Remove(left.Worker, out var worker))
        {
            return;
        }

        worker.At = null;
        worker.Left = left.Reason;
        _gone.AddFirst(worker);
        if (_gone.Count > MostWorkers)
        {
            _gone.RemoveLast();
        }
    }

    private static void Stop(Worker? worker, int shard)
    {
        if (worker?.At?.Shard == shard)
        {
            worker.At = null;
        }
    }

    // Who left may be heard of once more: its late results count. Null for one that is forgotten.
    private Worker? Heard(string name)
    {
        var worker = _present.GetValueOrDefault(name) ?? _gone.FirstOrDefault(w => w.Name == name);
        worker?.Seen = time.GetTimestamp();
        return worker;
    }

    private sealed class Worker(string name)
    {
        public string Name => name;

        /// <summary>Null while it has no shard.</summary>
        public RunEvent.ShardAssigned? At { get; set; }

        /// <summary>Rows of that which it has read.</summary>
        public long Read { get; set; }

        /// <summary>When it got that.</summary>
        public long Since { get; set; }

        /// <summary>When it was last heard of.</summary>
        public long Seen { get; set; }

        /// <summary>Why it left; null while it is there.</summary>
        public string? Left { get; set; }

        /// <summary>That count, with their rows and the time that it took for them.</summary>
        public long Shards { get; set; }

        public long Rows { get; set; }

        public double Seconds { get; set; }

        public JsonObject ToJson(TimeProvider time) => new()
        {
            ["name"] = Name,
            ["shard"] = At is not { } at ? null : new JsonObject
            {
                ["index"] = at.Shard,
                ["attempt"] = at.Attempt,
                ["file"] = at.File,
                ["rowGroup"] = at.RowGroup,
                ["rows"] = at.Rows,
                ["read"] = Read,
                ["seconds"] = Round(time.GetElapsedTime(Since)),
            },
            ["shards"] = Shards,
            ["rows"] = Rows,
            ["rowsPerSecond"] = Seconds > 0 ? Math.Round(Rows / Seconds, 1) : null,
            ["seenSeconds"] = Round(time.GetElapsedTime(Seen)),
            ["left"] = Left,
        };

        private static double Round(TimeSpan span) => Math.Round(span.TotalSeconds, 1);
    }
}
