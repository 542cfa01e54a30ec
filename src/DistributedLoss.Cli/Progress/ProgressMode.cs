namespace DistributedLoss.Cli.Progress;

/// <summary>How a run tells how far it is.</summary>
internal enum ProgressMode
{
    /// <summary>A bar on a terminal, log lines elsewhere.</summary>
    Auto,

    /// <summary>A bar, also where stderr is no terminal.</summary>
    Always,

    /// <summary>Neither bar nor lines.</summary>
    Never,
}
