using DistributedLoss;
using DistributedLoss.Coordination;
using DistributedLoss.Evaluation;

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true;
    stop.Cancel();
};

var settings = new EvaluationSettings
{
    Workers = 2,
    OnEvent = e =>
    {
        if (e is RunEvent.ShardRetried retried)
        {
            Console.Error.WriteLine($"shard {retried.Shard} is tried again: {retried.Reason}");
        }
    },
};
var progress = new Progress<RunProgress>(p => Console.Error.WriteLine($"{p.RowsDone} of {p.Rows} rows, {p.Remaining} left"));
try
{
    var result = await LossEvaluation.EvaluateAsync([args[0]], settings: settings, progress: progress, cancel: stop.Token);
    Console.WriteLine($"mean loss {result.Loss.Mean}");
    return 0;
}
catch (Exception e) when (e is BadInputException or BadOptionException or EngineException)
{
    // One line: what, where, what to do.
    Console.Error.WriteLine(e.Message);
    return 1;
}
catch (OperationCanceledException)
{
    return 130;
}
