using DistributedLoss;

var result = LossEvaluation.Evaluate([args[0]]);

Console.WriteLine($"mean loss   {result.Loss.Mean} +/- {result.Loss.StandardError}, over {result.Rows.Evaluated} of {result.Rows.Total} rows");
foreach (var accuracy in result.Accuracy)
{
    Console.WriteLine($"top-{accuracy.K}       {accuracy.Value:P2}");
}

Console.WriteLine($"digest      {result.Digest}");
