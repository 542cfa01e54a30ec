using DistributedLoss.Cli.Engines;
using DistributedLoss.Cli.Logging;
using DistributedLoss.Cli.Output;
using DistributedLoss.Cli.Progress;
using DistributedLoss.Evaluation;
using DistributedLoss.Results;
using DistributedLoss.Runs;

namespace DistributedLoss.Cli.Commands;

/// <summary>One evaluation as the command line asks for it.</summary>
internal sealed record RunSettings
{
    public required IReadOnlyList<string> Paths { get; init; }

    public required EvaluationOptions Options { get; init; }

    public EngineSettings Engine { get; init; } = new();

    /// <summary>Null takes the configuration's.</summary>
    public int? Workers { get; init; }

    /// <summary>As <see cref="PlanOptions.ShardBytes"/>.</summary>
    public long ShardBytes { get; init; } = PlanOptions.DefaultShardBytes;

    public ResultFormat Format { get; init; }

    /// <summary>Where the result's JSON goes besides stdout.</summary>
    public string? Output { get; init; }

    /// <summary>Where the result goes as a page to look at.</summary>
    public string? Report { get; init; }

    /// <summary>Whether anything that is written tells when which worker was at which shard.</summary>
    public bool TellsHistory => Format == ResultFormat.Json || Output is not null || Report is not null;

    /// <summary>Where the losses of all rows go.</summary>
    public string? Losses { get; init; }

    /// <summary>Where the run is kept, so that it can be continued.</summary>
    public string? RunDirectory { get; init; }

    /// <summary>Whether a run that is kept there is continued.</summary>
    public bool Resume { get; init; }

    /// <summary>Whether the result records the SHA-256 of its files.</summary>
    public bool Sha256 { get; init; }

    /// <summary>What the result must keep; a miss is exit code 5.</summary>
    public IReadOnlyList<Threshold> Thresholds { get; init; } = [];

    public LogSettings Log { get; init; } = new(LogFormat.Text, null, null);

    public ProgressMode Progress { get; init; }

    /// <summary>Whether a bar on stderr shows the progress.</summary>
    public bool HasBar(CliConsole console) => !Log.JsonOnStderr && Progress switch
    {
        ProgressMode.Always => true,
        ProgressMode.Auto => console.ErrorHasCursor,
        _ => false,
    };

    /// <summary>Where page, health and metrics are served; null takes the configuration's, which is nowhere unless it is set.</summary>
    public string? Http { get; init; }

    /// <summary>Whether they are served until Ctrl-C, beyond the end of the run.</summary>
    public bool HttpStay { get; init; }
}
