using DistributedLoss;
using DistributedLoss.Evaluation;
using DistributedLoss.Numerics.Kernels;
using DistributedLoss.Results;

var options = new EvaluationOptions
{
    LogitsColumn = "logits",
    LabelColumn = "label",
    OnInvalid = InvalidRowPolicy.Skip,
    Loss = new LossFunction { LabelSmoothing = 0.1, Temperature = 1.5 },
    Statistics = StatisticKinds.All,
    Hardest = 3,
};
var result = LossEvaluation.Evaluate([args[0]], options);

Console.WriteLine($"mean loss {result.Loss.Mean}, expected calibration error {result.Figures.Calibration?.Ece}, Brier score {result.Figures.Brier}");
foreach (var row in result.Hardest)
{
    Console.WriteLine($"{row.File} row {row.Row}: loss {row.Loss}, label {row.Label}, predicted {row.Predicted}");
}

// The JSON of `dloss evaluate --output`: `dloss verify` and `dloss report` take it, and ResultReader reads it back.
using (var file = File.Create("result.json"))
{
    ResultJson.Write(file, result);
}

return ResultReader.Read("result.json").Digest == result.Digest ? 0 : 1;
