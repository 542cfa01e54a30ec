using System.Net;
using System.Security.Cryptography;

namespace DistributedLoss.Faults.Processes;

/// <summary>A network namespace of its own, and the one cable to it.</summary>
internal sealed class NetworkLink : IAsyncDisposable
{
    private static readonly Lazy<string?> Hindrance = new(Probe);

    private readonly string _name;

    private NetworkLink(string name, IPAddress outside, IPAddress inside) => (_name, Outside, Inside) = (name, outside, inside);

    /// <summary>Why there is none on this machine; null where there is.</summary>
    public static string? Missing => Hindrance.Value;

    /// <summary>Where those in the namespace reach us.</summary>
    public IPAddress Outside { get; }

    public IPAddress Inside { get; }

    /// <summary>What starts a program in the namespace, as the process itself.</summary>
    public string[] Through => ["ip", "netns", "exec", _name];

    private string OutsideEnd => $"{_name}o";

    private string InsideEnd => $"{_name}i";

    public static async Task<NetworkLink> CreateAsync()
    {
        // One of 16,384 networks of four addresses, out of the private ones that hardly anybody uses.
        int subnet = RandomNumberGenerator.GetInt32(1 << 14);
        byte third = (byte)(subnet >> 6), fourth = (byte)(subnet << 2);
        var link = new NetworkLink($"flt{subnet:x4}", new IPAddress([10, 213, third, (byte)(fourth + 1)]), new IPAddress([10, 213, third, (byte)(fourth + 2)]));
        await Ip($"netns add {link._name}");
        try
        {
            await Ip($"link add {link.OutsideEnd} type veth peer name {link.InsideEnd} netns {link._name}");
            await Ip($"addr add {link.Outside}/30 dev {link.OutsideEnd}");
            await Ip($"-n {link._name} addr add {link.Inside}/30 dev {link.InsideEnd}");
            await Ip($"link set {link.OutsideEnd} up");
            await Ip($"-n {link._name} link set {link.InsideEnd} up");
            return link;
        }
        catch
        {
            await link.DisposeAsync();
            throw;
        }
    }

    /// <summary>As if the cable were pulled: nobody is told, packets go nowhere.</summary>
    public Task CutAsync() => Ip($"link set {OutsideEnd} down");

    public Task RestoreAsync() => Ip($"link set {OutsideEnd} up");

    public async ValueTask DisposeAsync() => await Ip($"netns del {_name}");

    private static async Task Ip(string arguments) => await Tool.RunAsync("ip", arguments.Split(' '));

    // A container's root may lack the right.
    private static string? Probe()
    {
        if (!Environment.IsPrivilegedProcess)
        {
            return "network namespaces are root's to make";
        }

        try
        {
            Task.Run(async () => await (await CreateAsync()).DisposeAsync()).Wait();
            return null;
        }
        catch (AggregateException e)
        {
            return $"no network namespace can be made here: {e.InnerException!.Message}";
        }
    }
}
