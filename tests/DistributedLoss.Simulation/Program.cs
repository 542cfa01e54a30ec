using System.Globalization;
using DistributedLoss.Simulation;
using DistributedLoss.Simulation.Mutants;
using DistributedLoss.Simulation.Scale;
using DistributedLoss.Simulation.World;

const string Usage = "usage: scripts/simulate SEEDS [--from N] | scripts/simulate --seed N --print";

switch (args)
{
    case ["scale"]:
        return PrintScale();
    case ["--seed", var number, "--print"] when TryParse(number, out long seed):
        return Print(seed);
    case [var number] when TryParse(number, out long seeds):
        return Simulate(0, seeds);
    case [var number, "--from", var first] when TryParse(number, out long seeds) && TryParse(first, out long from):
        return Simulate(from, seeds);
    default:
        Console.Error.WriteLine(Usage);
        return 2;
}

static bool TryParse(string text, out long number) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

static int Print(long seed)
{
    var scenario = Scenario.Draw(seed);
    string? violation = Replay.Try(scenario, Mutant.None, new HashSet<int>(), out var run, isTraced: true);
    Console.WriteLine(run.Trace);
    if (violation is null)
    {
        return 0;
    }

    Console.WriteLine(Replay.Shrink(scenario, violation, () => Mutant.None).Print(() => Mutant.None));
    return 1;
}

static int PrintScale()
{
    // Compiled, before anything is measured.
    ScaleRun.Of(ScaleTable.Cases[0]);
    Console.WriteLine(ScaleTable.Header);
    foreach (var scale in ScaleTable.Cases)
    {
        Console.WriteLine(ScaleTable.Row(scale, ScaleRun.Of(scale)));
    }

    return 0;
}

static int Simulate(long from, long seeds)
{
    long told = 0;
    var report = Seeds.Run(from, seeds, () => Mutant.None, done =>
    {
        if (done - told >= 50_000)
        {
            told = done;
            Console.Error.WriteLine($"{done} of {seeds}");
        }
    });
    if (report.Failure is { } failure)
    {
        Console.WriteLine(failure.Print(() => Mutant.None));
        return 1;
    }

    Console.WriteLine($"{report.Seeds} seeds from {from} on: no invariant broken, {report.Coverage.Checks} looked at, in {report.Elapsed.TotalSeconds:F1} s ({report.Seeds / report.Elapsed.TotalSeconds:F0} a second)");
    foreach (var (what, count) in report.Coverage.Counts)
    {
        Console.WriteLine($"  {count,14} {what}");
    }

    return 0;
}
