using DistributedLoss.Runs;

namespace DistributedLoss.RabbitMq.Workers;

internal enum WorkerRunState
{
    /// <summary>The coordinator has been asked what the run is about.</summary>
    Asked,

    /// <summary>Its inputs are being looked at.</summary>
    Preparing,

    /// <summary>Its shards are evaluated here.</summary>
    Joined,

    /// <summary>It cannot be worked for.</summary>
    Refused,
}

/// <summary>A run as a worker process knows it. Touched by the mailbox's thread alone, but for what is set once.</summary>
/// <param name="generation">How often this process was taken for gone in the run: its slots have other names each time.</param>
internal sealed class WorkerRun(string id, string coordinator, int generation)
{
    public string Id => id;

    /// <summary>The coordinator's present name.</summary>
    public string Coordinator { get; set; } = coordinator;

    public WorkerRunState State { get; set; }

    /// <summary>Why it is refused.</summary>
    public string Refusal { get; set; } = "";

    /// <summary>When the coordinator was asked last.</summary>
    public TimeSpan Asked { get; set; }

    /// <summary>When the coordinator was heard of last.</summary>
    public TimeSpan Heard { get; set; }

    /// <summary>With this machine's times of the files; set before the first shard.</summary>
    public RunPlan? Plan { get; set; }

    /// <summary>Null while there is none.</summary>
    public ShardSubscription? Subscription { get; set; }

    public bool IsSubscribing { get; set; }

    /// <summary>Delivered, and not begun.</summary>
    public Queue<ShardDelivery> Waiting { get; } = [];

    /// <summary>When it was served last, counted in shards: whoever has waited longest is next.</summary>
    public long Served { get; set; }

    /// <summary>The process has left it.</summary>
    public bool IsLeft { get; set; }

    public string NameOf(string process, int slot) => generation == 0 ? $"{process}/{slot}" : $"{process}/{slot}.{generation + 1}";
}
