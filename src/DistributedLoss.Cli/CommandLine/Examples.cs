namespace DistributedLoss.Cli.CommandLine;

/// <summary>What <c>--help</c> shows by example.</summary>
internal static class Examples
{
    public static readonly string[] ExitCodes =
    [
        "Exit codes:",
        "  0 done   2 usage   3 bad input data   4 the run failed",
        "  5 a threshold was missed   130 cancelled",
    ];

    public static readonly string[] WhereResultsGo =
    [
        "Results go to stdout, everything else to stderr; --format json is for programs.",
        "An error is one line: what, where, what to do.",
    ];

    public static readonly string[] Documentation =
    [
        "Writing a dump from PyTorch, JAX or NumPy: docs/recipes.md. All else: README.md.",
    ];

    private const int SessionColumn = 50;

    /// <summary>What someone types who has never used it, in that order.</summary>
    public static IEnumerable<(string Command, string Line, string Meaning, int Column)> Session =>
    [
        ("generate", "dloss generate dump.parquet", "a dump to try it on", SessionColumn),
        ("inspect", "dloss inspect dump.parquet", "what is in it", SessionColumn),
        ("evaluate", "dloss evaluate dump.parquet --output a.json", "its exact mean loss", SessionColumn),
        ("report", "dloss report a.json", "a page to look at", SessionColumn),
        ("compare", "dloss compare dump.parquet other.parquet", "which model is better", SessionColumn),
    ];

    public static IEnumerable<string> Of(string command) => command switch
    {
        "evaluate" =>
        [
            "Examples:",
            "  dloss evaluate dump.parquet",
            "  dloss evaluate predictions/ --label target --ignore-index 0",
            "  dloss evaluate 'runs/*/val-*.parquet' --logits-prefix logit_ --workers 8",
            "  dloss evaluate dump.parquet --logits packed --packed float16",
            "  dloss evaluate dump.parquet --format json | jq .loss.mean",
            "  dloss evaluate dump.parquet --statistics all --slice-by language",
            "  dloss evaluate tagged.parquet --input binary-logits --label tags",
            "  dloss evaluate dump.parquet --losses losses.parquet",
            "  dloss evaluate dump.parquet --report report.html",
            "  dloss evaluate dump.parquet --fail-above loss.mean=1.2",
            "  dloss evaluate dump.parquet --log-file run.jsonl --log-format json",
            "",
            .. ExitCodes,
        ],
        "inspect" =>
        [
            "Examples:",
            "  dloss inspect dump.parquet",
            "  dloss inspect predictions/ --logits-prefix logit_ --format json",
        ],
        "verify" =>
        [
            "Examples:",
            "  dloss evaluate dump/ --output result.json",
            "  dloss verify result.json",
        ],
        "report" =>
        [
            "Examples:",
            "  dloss report result.json                   writes result.html",
            "  dloss report result.json --output page.html",
        ],
        "compare" =>
        [
            "Examples:",
            "  dloss compare old.parquet new.parquet",
            "  dloss compare old.parquet new.parquet --key id --slice-by language",
            "  dloss compare baseline.json candidate.json --fail-above difference.ci95.low=0",
            "  dloss compare dump.parquet dump.parquet --logits teacher --b-logits student",
            "  dloss compare old-losses.parquet new-losses.parquet --format json",
            "",
            .. ExitCodes,
        ],
        "calibrate" =>
        [
            "Examples:",
            "  dloss calibrate validation.parquet",
            "  dloss calibrate validation/ --format json | jq .temperature",
            "  dloss evaluate test.parquet --temperature 1.7",
        ],
        "worker" =>
        [
            "Examples:",
            "  dloss worker --engine rabbitmq --broker amqp://localhost",
            "  dloss worker --engine rabbitmq --broker amqps://mq.example --slots 8",
            "  dloss evaluate dump/ --engine rabbitmq --broker amqp://localhost",
#if FULL_REGISTRY
            "  dloss worker --engine akka --node worker-1:4053 --seed-node worker-1:4053",
            "  dloss evaluate dump/ --engine akka --node here:4053 --seed-node worker-1:4053",
#endif
        ],
        "generate" =>
        [
            "Examples:",
            "  dloss generate dump.parquet --rows 100000 --classes 1000",
            "  dloss generate dumps/ --files 4 --dtype float16 --codec zstd",
            "  dloss generate flat.parquet --classes 10 --layout flat",
        ],
        "demo" => [],
        "health" =>
        [
            "Examples:",
            "  dloss health --http 9090",
            "  DLOSS_http__listen=0.0.0.0:9090 dloss health",
        ],
        "completion" =>
        [
            "Examples:",
            "  source <(dloss completion bash)      in ~/.bashrc",
            "  source <(dloss completion zsh)       in ~/.zshrc, after compinit",
            "  dloss completion fish | source       in ~/.config/fish/config.fish",
            "  dloss completion pwsh | Out-String | Invoke-Expression     in $PROFILE",
        ],
        _ => [],
    };
}
