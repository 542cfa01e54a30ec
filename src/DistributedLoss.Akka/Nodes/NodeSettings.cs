using System.Globalization;
using Akka.Actor;
using DistributedLoss.Evaluation;

namespace DistributedLoss.Akka.Nodes;

/// <summary>Where a node listens, whom it joins, and how it proves who it is.</summary>
public sealed record NodeSettings
{
    public const string HostVariable = "DLOSS_AKKA_HOST";
    public const string PortVariable = "DLOSS_AKKA_PORT";
    public const string SeedNodesVariable = "DLOSS_AKKA_SEED_NODES";
    public const string CertificateVariable = "DLOSS_AKKA_CERTIFICATE";
    public const string PasswordFileVariable = "DLOSS_AKKA_CERTIFICATE_PASSWORD_FILE";
    public const string ConfigurationVariable = "DLOSS_AKKA_CONFIG";

    /// <summary>Of every actor system of a cluster: part of its nodes' addresses.</summary>
    public const string SystemName = "dloss";

    /// <summary>The name or address that the other nodes know this one by; it listens there.</summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>0 for one that is free.</summary>
    public int Port { get; init; }

    /// <summary>HOST:PORT of the nodes that a new one asks to join; the first of them begins the cluster. None: this node is a cluster of its own, for others to join.</summary>
    public IReadOnlyList<string> SeedNodes { get; init; } = [];

    /// <summary>A PKCS#12 file with certificate and key; with one, all connections are TLS.</summary>
    public string? Certificate { get; init; }

    /// <summary>A file whose first line is the certificate's password.</summary>
    public string? CertificatePasswordFile { get; init; }

    /// <summary>A file of HOCON that is read over config/akka.conf.</summary>
    public string? Configuration { get; init; }

    /// <param name="variable">By name; null or empty where it is not set.</param>
    /// <exception cref="BadOptionException">A variable is no port.</exception>
    public static NodeSettings FromEnvironment(Func<string, string?> variable)
    {
        string? Value(string name) => variable(name) is { Length: > 0 } value ? value : null;
        var settings = new NodeSettings
        {
            Certificate = Value(CertificateVariable),
            CertificatePasswordFile = Value(PasswordFileVariable),
            Configuration = Value(ConfigurationVariable),
            SeedNodes = Value(SeedNodesVariable)?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [],
        };
        if (Value(HostVariable) is { } host)
        {
            settings = settings with { Host = host };
        }

        if (Value(PortVariable) is { } port)
        {
            settings = settings with { Port = ParsePort($"{PortVariable}={port}", port, least: 0) };
        }

        return settings;
    }

    /// <param name="node">HOST, or HOST:PORT.</param>
    /// <exception cref="BadOptionException">It is neither.</exception>
    public NodeSettings At(string node)
    {
        int colon = node.LastIndexOf(':');
        return colon < 0 ? this with { Host = node }
            : colon == 0 || node.Contains('/', StringComparison.Ordinal) ? throw new BadOptionException($"node {node}: name it as HOST or HOST:PORT")
            : this with { Host = node[..colon], Port = ParsePort($"node {node}", node[(colon + 1)..], least: 0) };
    }

    /// <summary>Ahead of everything else: whether a node can be started with these.</summary>
    /// <exception cref="BadOptionException">A seed node or the certificate cannot be used.</exception>
    /// <exception cref="NodeException">This machine does not trust the certificate.</exception>
    public void Check()
    {
        SeedAddresses();
        NodeCertificate.Load(this)?.Dispose();
    }

    /// <summary>The seed nodes as Akka names them.</summary>
    /// <exception cref="BadOptionException">One is no HOST:PORT.</exception>
    internal IReadOnlyList<Address> SeedAddresses() => [.. SeedNodes.Select(ParseSeed)];

    internal static string OneLine(string message) => message.ReplaceLineEndings(" ");

    private Address ParseSeed(string seed)
    {
        int colon = seed.LastIndexOf(':');
        if (colon <= 0 || seed.Contains('/', StringComparison.Ordinal))
        {
            throw new BadOptionException($"seed node {seed}: name it as HOST:PORT");
        }

        return new Address(Protocol, SystemName, seed[..colon], ParsePort($"seed node {seed}", seed[(colon + 1)..], least: 1));
    }

    private string Protocol => Certificate is null ? "akka.tcp" : "akka.ssl.tcp";

    private static int ParsePort(string where, string text, int least) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int port) && port >= least && port <= 65535
            ? port
            : throw new BadOptionException($"{where}: {text} is no port from {least} to 65535");
}
