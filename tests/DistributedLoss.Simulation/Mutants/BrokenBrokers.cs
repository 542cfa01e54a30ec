using DistributedLoss.Coordination;
using Input = DistributedLoss.Coordination.CoordinatorInput;
using Output = DistributedLoss.Coordination.CoordinatorOutput;

namespace DistributedLoss.Simulation.Mutants;

/// <summary>Brokered: what comes back undone is not offered again.</summary>
internal sealed class OffersOnce : Mutant
{
    private bool _isReady;

    public override IEnumerable<Input> Hears(Input input)
    {
        _isReady = input is Input.BrokerReady;
        return [input];
    }

    public override IReadOnlyList<Output> Says(IReadOnlyList<Output> outputs) => _isReady ? outputs : [.. outputs.Where(o => o is not Output.Offer)];
}

/// <summary>Brokered: a coordinator that comes back relies on what was offered before; which it has purged.</summary>
internal sealed class TrustsOldOffers : Mutant
{
    private bool _wasReady;

    public override IEnumerable<Input> Hears(Input input)
    {
        bool again = input is Input.BrokerReady && _wasReady;
        _wasReady |= input is Input.BrokerReady;
        return again ? [] : [input];
    }
}

/// <summary>Brokered: each copy of a failure or a return is answered.</summary>
internal sealed class AnswersCopies : Mutant
{
    private int _attempt = 1_000_000;

    public override IEnumerable<Input> Hears(Input input) =>
    [
        input switch
        {
            Input.ShardReturned returned => returned with { Attempt = ++_attempt },
            Input.ShardFailed failed => failed with { Attempt = ++_attempt },
            _ => input,
        },
    ];
}

/// <summary>Brokered: offers what is settled as well, when the broker comes back.</summary>
internal sealed class OffersAll : Mutant
{
    private readonly HashSet<int> _settled = [];
    private bool _isReady;

    public override IEnumerable<Input> Hears(Input input)
    {
        _isReady = input is Input.BrokerReady;
        return [input];
    }

    public override IReadOnlyList<Output> Says(IReadOnlyList<Output> outputs)
    {
        _settled.UnionWith(outputs.OfType<Output.Journal>().Select(j => j.Result.Shard));
        return _isReady ? [.. outputs, .. _settled.Select(s => new Output.Offer(s, 2))] : outputs;
    }
}
