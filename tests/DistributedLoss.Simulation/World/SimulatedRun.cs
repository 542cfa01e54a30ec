using DistributedLoss.Coordination;
using DistributedLoss.Simulation.Mutants;
using Input = DistributedLoss.Coordination.CoordinatorInput;
using Output = DistributedLoss.Coordination.CoordinatorOutput;

namespace DistributedLoss.Simulation.World;

/// <summary>A crash of the coordinator at a point that is given, instead of those that the seed has.</summary>
/// <param name="Step">The number of the message whose handling it does not survive.</param>
/// <param name="Output">How much of what is to be done for that message is done.</param>
internal sealed record CrashPoint(int Step, int Output, bool IsTorn);

/// <summary>One run of a scenario, from the first worker to the end. The same scenario and the same spared faults are the same run.</summary>
internal sealed class SimulatedRun : IDisposable
{
    /// <summary>
    /// Once nothing goes wrong any more: what was delayed arrives, whoever stands still goes on, the coordinator is up, and the worker that is left
    /// evaluates every shard itself, each after it was given up on somebody else.
    /// </summary>
    public static readonly TimeSpan LivenessBound = TimeSpan.FromMinutes(5);

    private readonly int[] _failuresLeft;

    public SimulatedRun(Scenario scenario, Mutant mutant, IReadOnlySet<int> spared, bool isTraced = false)
    {
        (Scenario, Mutant) = (scenario, mutant);
        Dice = new Dice(scenario.Seed * 0x9E3779B97F4A7C15);
        Faults = new Faults(Dice.Mix(scenario.Seed), scenario.Rates, scenario.FaultsEnd, Clock, Coverage, spared);
        Trace = new Trace(Clock, isTraced);
        Network = new Network(Clock, Dice, Faults, Coverage, Trace);
        Referee = new Referee(scenario, Coverage);
        Staff = new Staff(this);
        Broker = scenario.Options.IsBrokered ? new Broker(this) : null;
        Coordinator = new CoordinatorProcess(this);
        _failuresLeft = [.. Enumerable.Repeat(scenario.Options.MaxFailures - 1, scenario.Shards)];
    }

    public Scenario Scenario { get; }

    public Mutant Mutant { get; }

    public VirtualClock Clock { get; } = new();

    public Dice Dice { get; }

    public Faults Faults { get; }

    public Coverage Coverage { get; } = new();

    public Trace Trace { get; }

    public Network Network { get; }

    public Referee Referee { get; }

    public Staff Staff { get; }

    /// <summary>Null where workers ask the coordinator itself.</summary>
    public Broker? Broker { get; }

    public CoordinatorProcess Coordinator { get; }

    public CrashPoint? CrashAt { get; init; }

    public bool IsOver => Coordinator.End is not null;

    /// <exception cref="ViolationException">An invariant does not hold.</exception>
    public void Run()
    {
        Coordinator.Start();
        Staff.Hire();
        for (int i = 1; i < Scenario.Workers; i++)
        {
            Clock.After(Dice.UpTo(3), Staff.Hire);
        }

        Clock.After(Scenario.FaultsEnd, Staff.LeaveOneAlive);
        if (Scenario.CancelAt is { } cancel)
        {
            Clock.After(cancel, () => Coordinator.Deliver(new Input.Cancel()));
        }

        while (!IsOver)
        {
            Referee.Check(Clock.Step(), "nothing will ever happen again, and the run is not over");
            Referee.Check(Clock.Now < Scenario.FaultsEnd + LivenessBound, $"{LivenessBound} after the last fault the run is not over");
        }

        Trace.Add($"the run is over: {Coordinator.End}");
    }

    /// <summary>From a worker to the coordinator; over a broker, whatever may be lost.</summary>
    public void Report(Worker worker, Input input)
    {
        string name = worker.Name;
        Network.Send(name, isReport: true, input, () =>
        {
            if (Broker is null || Coordinator.HearsNotices)
            {
                Staff.Heard(name);
                Coordinator.Deliver(input);
            }
        });
    }

    /// <summary>From the coordinator to a worker, as long as it has that name.</summary>
    public void Command(string name, Output command)
    {
        var worker = Staff.Find(name);
        Network.Send(name, isReport: false, command, () =>
        {
            if (worker.Name == name)
            {
                worker.Receive(command);
            }
        });
    }

    /// <returns>A <see cref="ShardResult"/>, a <see cref="ShardFailure"/>, or null when it is the worker's end.</returns>
    public object? Evaluate(int shard, TimeSpan took)
    {
        if (shard == Scenario.DeadlyShard)
        {
            return null;
        }

        if (Scenario.BadShards.Contains(shard))
        {
            return new ShardFailure(SimulatedDump.BadMessage(shard), Deterministic: true);
        }

        if (shard == Scenario.FailingShard || (_failuresLeft[shard] > 0 && Faults.Strikes(Fault.ShardFailed)))
        {
            _failuresLeft[shard]--;
            return new ShardFailure("disk error", Deterministic: false);
        }

        return Faults.Strikes(Fault.ResultCorrupted)
            ? Scenario.Dump.Corrupted(shard, Dice.Below(100)) with { Elapsed = took }
            : Scenario.Dump.Results[shard] with { Elapsed = took };
    }

    public void Dispose() => Coordinator.Dispose();
}
