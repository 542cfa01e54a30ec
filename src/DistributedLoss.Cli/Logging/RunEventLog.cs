using System.Collections.Concurrent;
using DistributedLoss.Calibration;
using DistributedLoss.Coordination;
using DistributedLoss.Evaluation;
using DistributedLoss.Results;
using Serilog.Events;
using Serilog.Parsing;

namespace DistributedLoss.Cli.Logging;

/// <summary>A run's events as Serilog events. Names, levels and properties are a contract: docs/logging.md lists them, and a test compares.</summary>
internal static class RunEventLog
{
    /// <summary>The property that holds the event's stable name.</summary>
    public const string EventProperty = "Event";

    /// <summary>The name of <see cref="Miss"/>'s event.</summary>
    public const string MissEvent = "ThresholdMissed";

    private static readonly MessageTemplateParser Parser = new();
    private static readonly ConcurrentDictionary<string, MessageTemplate> Templates = [];

    public static LogEvent ToLogEvent(RunEvent e, DateTimeOffset now, Exception? exception = null)
    {
        var (template, properties) = Describe(e);
        List<LogEventProperty> all = [new(EventProperty, new ScalarValue(e.GetType().Name))];
        foreach (var (name, value) in properties)
        {
            all.Add(new LogEventProperty(name, new ScalarValue(value)));
        }

        return new LogEvent(now, Level(e), exception, Templates.GetOrAdd(template, Parser.Parse), all);
    }

    /// <summary>Told without the event's text, which most events of most runs never need.</summary>
    public static LogEventLevel Level(RunEvent e) => e switch
    {
        RunEvent.ShardAssigned or RunEvent.ShardFinished or RunEvent.ShardTaken or RunEvent.ShardDone => LogEventLevel.Debug,
        RunEvent.ShardRetried or RunEvent.BrokerAway or RunEvent.ClusterLeft or RunEvent.ClusterTrouble or RunEvent.WorkerRefused or
            RunEvent.MessageRefused or RunEvent.RunRefused or RunEvent.ShardFailed or RunEvent.RunStalled or RunEvent.RowsSkipped or
            RunEvent.InputDoubtful or RunEvent.RunCancelled => LogEventLevel.Warning,
        RunEvent.RunFailed => LogEventLevel.Error,
        _ => LogEventLevel.Information,
    };

    public static string? Name(LogEvent logEvent) =>
        logEvent.Properties.TryGetValue(EventProperty, out var name) ? (name as ScalarValue)?.Value as string : null;

    /// <summary>The command's own event: a run is done, and its result has no mean.</summary>
    public static LogEvent Remark(string remark, DateTimeOffset now) => new(
        now,
        LogEventLevel.Warning,
        exception: null,
        Templates.GetOrAdd("{Remark}", Parser.Parse),
        [new(EventProperty, new ScalarValue("RunRemark")), new("Remark", new ScalarValue(remark))]);

    /// <summary>The command's own event: a calibration begins one more run over the data.</summary>
    public static LogEvent CalibrationPass(CalibrationPass pass, DateTimeOffset now) => new(
        now,
        LogEventLevel.Information,
        exception: null,
        Templates.GetOrAdd("calibration, pass {Pass}: slopes at the temperatures {Temperatures:l}", Parser.Parse),
        [
            new(EventProperty, new ScalarValue("CalibrationPass")), new("Pass", new ScalarValue(pass.Number)),
            new("Temperatures", new ScalarValue(string.Join(", ", pass.Temperatures.Select(Quantity.Exact)))),
        ]);

    /// <summary>The command's own event: --http listens.</summary>
    /// <param name="page">Of the run; null for a worker's, which has none.</param>
    public static LogEvent Listening(Uri address, Uri? page, DateTimeOffset now) => new(
        now,
        LogEventLevel.Information,
        exception: null,
        Templates.GetOrAdd("health and metrics at {Address:l}", Parser.Parse),
        [new(EventProperty, new ScalarValue("HttpListening")), new("Address", new ScalarValue(address.ToString())), new("Page", new ScalarValue(page?.ToString()))]);

    /// <summary>The command's own event: a run is done, and its result does not keep a threshold.</summary>
    public static LogEvent Miss(ThresholdMiss miss, DateTimeOffset now) => new(
        now,
        LogEventLevel.Error,
        exception: null,
        Templates.GetOrAdd(
            miss.Threshold.IsCeiling ? "threshold missed: {Metric} is {Value:R}, above {Limit:R}" : "threshold missed: {Metric} is {Value:R}, below {Limit:R}",
            Parser.Parse),
        [
            new(EventProperty, new ScalarValue(MissEvent)),
            new("Metric", new ScalarValue(miss.Threshold.Metric)),
            new("Value", new ScalarValue(miss.Figure)),
            new("Limit", new ScalarValue(miss.Threshold.Limit)),
            new("Option", new ScalarValue(miss.Threshold.IsCeiling ? "fail-above" : "fail-below")),
        ]);

    private static (string Template, (string Name, object? Value)[] Properties) Describe(RunEvent e) => e switch
    {
        RunEvent.RunStarted x => (
            "run started: {Rows:N0} rows of {Classes:N0} classes in {Files:N0} files, {Shards:N0} shards; engine {Engine}, workers {Workers}, kernel {Kernel}, run {Run}",
            [("Files", x.Files), ("Shards", x.Shards), ("Rows", x.Rows), ("Classes", x.Classes), ("Engine", x.Engine), ("Workers", x.Workers), ("Kernel", x.Kernel), ("Run", x.Run)]),
        RunEvent.RunResumed x => (
            "run resumed: {ShardsDone:N0} of {Shards:N0} shards are done, {DroppedBytes:N0} bytes of a torn line dropped",
            [("ShardsDone", x.ShardsDone), ("Shards", x.Shards), ("DroppedBytes", x.DroppedBytes)]),
        RunEvent.WorkerJoined x => (
            "worker {Worker} joined, {Workers} in all",
            [("Worker", x.Worker), ("Workers", x.Workers)]),
        RunEvent.WorkerLeft x => (
            "worker {Worker} left ({Reason}) after {Shards:N0} shards, {Rows:N0} rows; {Workers} stay",
            [("Worker", x.Worker), ("Reason", x.Reason), ("Workers", x.Workers), ("Shards", x.Shards), ("Rows", x.Rows)]),
        RunEvent.ShardAssigned x => (
            "shard {Shard} to worker {Worker}, attempt {Attempt}: {File}, row group {RowGroup}, {Rows:N0} rows from row {FirstRow}",
            [("Shard", x.Shard), ("ShardId", x.ShardId), ("Worker", x.Worker), ("Attempt", x.Attempt), ("Rows", x.Rows), ("File", x.File), ("RowGroup", x.RowGroup), ("FirstRow", x.FirstRow)]),
        RunEvent.ShardSpeculated x => (
            "shard {Shard} also to worker {Worker}: {Straggler} takes long",
            [("Shard", x.Shard), ("Worker", x.Worker), ("Straggler", x.Straggler)]),
        RunEvent.ShardFinished x => (
            "shard {Shard} finished by worker {Worker} in {Seconds:0.000} s, {RowsPerSecond:N0} rows/s: {Evaluated:N0} of {Rows:N0} rows evaluated, mean loss {MeanLoss:G6}; {ShardsDone:N0} of {Shards:N0} shards, {RemainingSeconds:0} s left",
            [
                ("Shard", x.Shard), ("Worker", x.Worker), ("Rows", x.Rows), ("Evaluated", x.Evaluated), ("MeanLoss", x.MeanLoss), ("Seconds", x.Seconds),
                ("RowsPerSecond", RowsPerSecond(x.Rows, x.Seconds)), ("ShardsDone", x.ShardsDone), ("Shards", x.Shards), ("RemainingSeconds", x.RemainingSeconds),
            ]),
        RunEvent.ShardRetried x => (
            "shard {Shard} goes back to the queue after attempt {Attempt} on worker {Worker}: {Reason}",
            [("Shard", x.Shard), ("Worker", x.Worker), ("Attempt", x.Attempt), ("Reason", x.Reason)]),
        RunEvent.ShardDuplicated x => (
            "shard {Shard} came again from worker {Worker}: equal, dropped",
            [("Shard", x.Shard), ("Worker", x.Worker)]),
        RunEvent.BrokerConnected x => (
            "connected to the broker {Broker}, RabbitMQ {Version}",
            [("Broker", x.Broker), ("Version", x.Version)]),
        RunEvent.BrokerAway x => (
            "the broker {Broker} is away ({Reason}); trying again in {RetrySeconds:0.0} s",
            [("Broker", x.Broker), ("Reason", Behind(x.Broker, x.Reason)), ("RetrySeconds", x.RetrySeconds)]),
        RunEvent.ClusterJoined x => (
            "the node {Node} is in the cluster",
            [("Node", x.Node)]),
        RunEvent.ClusterLeft x => (
            "the node {Node} is out of the cluster: {Reason}",
            [("Node", x.Node), ("Reason", x.Reason)]),
        RunEvent.ClusterTrouble x => (
            "cluster, node {Node}: {Reason}",
            [("Node", x.Node), ("Reason", x.Reason)]),
        RunEvent.WorkerRefused x => (
            "worker {Worker} cannot take part: {Reason}",
            [("Worker", x.Worker), ("Reason", x.Reason)]),
        RunEvent.MessageRefused x => (
            "a message of {Sender} is left alone: {Reason}",
            [("Sender", x.Sender), ("Reason", x.Reason)]),
        RunEvent.WorkerStarted x => (
            "worker {Worker} started: dloss {Version}, engine {Engine}, slots {Slots}, kernel {Kernel}",
            [("Worker", x.Worker), ("Slots", x.Slots), ("Engine", x.Engine), ("Version", x.Version), ("Kernel", x.Kernel)]),
        RunEvent.RunJoined x => (
            "run {Run} joined as {Worker}: {Files:N0} files, {Classes:N0} classes",
            [("Run", x.Run), ("Worker", x.Worker), ("Files", x.Files), ("Classes", x.Classes)]),
        RunEvent.RunLeft x => (
            "run {Run} left: {Reason}",
            [("Run", x.Run), ("Worker", x.Worker), ("Reason", x.Reason)]),
        RunEvent.RunRefused x => (
            "run {Run} cannot be worked for: {Reason}",
            [("Run", x.Run), ("Worker", x.Worker), ("Reason", x.Reason)]),
        RunEvent.ShardTaken x => (
            "shard {Shard} of run {Run} taken, attempt {Attempt}: {File}, row group {RowGroup}, {Rows:N0} rows",
            [("Run", x.Run), ("Shard", x.Shard), ("ShardId", x.ShardId), ("Worker", x.Worker), ("Attempt", x.Attempt), ("Rows", x.Rows), ("File", x.File), ("RowGroup", x.RowGroup)]),
        RunEvent.ShardDone x => (
            "shard {Shard} of run {Run} evaluated in {Seconds:0.000} s: {Rows:N0} rows, {RowsPerSecond:N0} rows/s, {BytesRead:N0} bytes read",
            [
                ("Run", x.Run), ("Shard", x.Shard), ("Worker", x.Worker), ("Rows", x.Rows), ("Seconds", x.Seconds),
                ("RowsPerSecond", RowsPerSecond(x.Rows, x.Seconds)), ("BytesRead", x.BytesRead),
            ]),
        RunEvent.ShardFailed x => (
            "shard {Shard} of run {Run} failed, attempt {Attempt}: {Reason}",
            [("Run", x.Run), ("Shard", x.Shard), ("Worker", x.Worker), ("Attempt", x.Attempt), ("Reason", x.Reason)]),
        RunEvent.ShardDropped x => (
            "shard {Shard} of run {Run} has no result here: {Reason}",
            [("Run", x.Run), ("Shard", x.Shard), ("Worker", x.Worker), ("Reason", x.Reason)]),
        RunEvent.WorkerStopped x => (
            "worker {Worker} stopped: {Reason}; {Shards:N0} shards evaluated",
            [("Worker", x.Worker), ("Shards", x.Shards), ("Reason", x.Reason)]),
        RunEvent.Progress { Snapshot: var x } => (
            "{RowsDone:N0} of {Rows:N0} rows, {ShardsDone:N0} of {Shards:N0} shards, {ShardsUnderWay:N0} under way on {Workers:N0} workers, {RowsPerSecond:N0} rows/s, {RemainingSeconds:0} s left, mean loss so far {MeanLoss:G6}",
            Snapshot(x)),
        RunEvent.RunStalled x => (
            "no progress for {Seconds:0} s, with {ShardsUnderWay:N0} shards under way on {Workers:N0} workers: {Reason}",
            [("Seconds", x.Seconds), ("Reason", x.Reason), ("Workers", x.Workers), ("ShardsUnderWay", x.ShardsUnderWay)]),
        RunEvent.RowsSkipped x => (
            "{Rows:N0} invalid rows left out: {Cause}",
            [("Cause", InvalidCauses.Name(x.Cause)), ("Rows", x.Rows)]),
        RunEvent.InputDoubtful { Doubt: var x } => (
            "{Misfits:N0} of {Rows:N0} rows looked at do not look like {Declared}, as which all are evaluated, but like {LooksLike}: if they are, give --input {LooksLike}",
            [("Declared", x.Declared), ("LooksLike", x.LooksLike), ("Misfits", x.Misfits), ("Rows", x.Rows)]),
        RunEvent.RunFinished x => (
            "run finished in {Seconds:0.000} s: {Rows:N0} rows, {Shards:N0} shards, mean loss {MeanLoss:R}",
            [("Shards", x.Shards), ("Rows", x.Rows), ("MeanLoss", x.MeanLoss), ("Digest", x.Digest), ("Seconds", x.Seconds)]),
        RunEvent.RunFailed x => (
            "{Reason}",
            [("Reason", x.Reason), ("ShardsDone", x.ShardsDone), ("Shards", x.Shards)]),
        RunEvent.RunCancelled { Snapshot: var x } => (
            "cancelled: {ShardsDone:N0} of {Shards:N0} shards and {RowsDone:N0} of {Rows:N0} rows done, mean loss of the finished shards {MeanLoss:R}",
            Snapshot(x)),
        _ => throw new ArgumentException($"no log entry for {e.GetType().Name}", nameof(e)),
    };

    // An error of the broker's begins with its address, which the line has already.
    private static string Behind(string broker, string reason) =>
        reason.StartsWith(broker + ": ", StringComparison.Ordinal) ? reason[(broker.Length + 2)..] : reason;

    private static double? RowsPerSecond(long rows, double seconds) => seconds > 0 ? rows / seconds : null;

    private static (string Name, object? Value)[] Snapshot(RunProgress x) =>
    [
        ("ShardsDone", x.ShardsDone), ("Shards", x.Shards), ("RowsDone", x.RowsDone), ("Rows", x.Rows), ("RowsPerSecond", x.RowsPerSecond),
        ("ElapsedSeconds", x.Elapsed.TotalSeconds), ("RemainingSeconds", x.Remaining?.TotalSeconds), ("MeanLoss", x.MeanLoss), ("Workers", x.Workers), ("ShardsUnderWay", x.ShardsUnderWay),
    ];
}
