namespace DistributedLoss.Simulation.Mutants;

/// <summary>A simulation that finds nothing proves nothing, unless it finds what is there.</summary>
public sealed class MutantTests
{
    public static TheoryData<string> Names() => [.. Types.Select(t => t.Name)];

    private static IEnumerable<Type> Types => typeof(Mutant).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(Mutant)));

    [Theory]
    [MemberData(nameof(Names))]
    public void What_is_broken_on_purpose_is_caught_within_its_seeds_and_shown_by_a_smaller_run(string name)
    {
        Func<Mutant> mutant = () => (Mutant)Activator.CreateInstance(Types.Single(t => t.Name == name))!;
        var failure = DistributedLoss.Simulation.Seeds.Run(0, mutant().Seeds, mutant).Failure;
        Assert.True(failure is not null, $"{name} was not caught within {mutant().Seeds} seeds");
        string shown = failure.Print(mutant);
        Assert.Contains($"scripts/simulate --seed {failure.Scenario.Seed} --print", shown, StringComparison.Ordinal);
        Assert.Contains("WorkerJoined", shown, StringComparison.Ordinal);
        Assert.True(failure.Smaller.Shards <= failure.Scenario.Shards);
    }
}
