using System.Globalization;
using Akka.Configuration;
using DistributedLoss.Evaluation;

namespace DistributedLoss.Akka.Nodes;

/// <summary>config/akka.conf, a file of the user's over it, and what the settings say over both.</summary>
internal static class NodeConfiguration
{
    public const string FrameKey = "dloss.frame-bytes";
    public const string AssemblyKey = "dloss.assembly-bytes";
    public const string JoinIntervalKey = "dloss.join-interval";
    public const string RequestIntervalKey = "dloss.request-interval";
    public const string JoinTimeoutKey = "akka.cluster.shutdown-after-unsuccessful-join-seed-nodes";

    private const string TransportFrameKey = "akka.remote.dot-netty.tcp.maximum-frame-size";

    // Names of sender and receiver, in a frame that Akka makes of ours.
    private const int EnvelopeBytes = 16 << 10;

    /// <exception cref="BadOptionException">The user's file cannot be read, or what is in it cannot be.</exception>
    public static Config Create(NodeSettings settings, string role, bool waitsForEver)
    {
        var config = ConfigurationFactory.FromResource("akka.conf", typeof(NodeConfiguration).Assembly);
        if (settings.Configuration is { } path)
        {
            config = Read(path).WithFallback(config);
        }

        config = ConfigurationFactory.ParseString(string.Create(CultureInfo.InvariantCulture, $$"""
            akka.remote.dot-netty.tcp.hostname = {{Quote(settings.Host)}}
            akka.remote.dot-netty.tcp.port = {{settings.Port}}
            akka.remote.dot-netty.tcp.enable-ssl = {{(settings.Certificate is null ? "off" : "on")}}
            akka.cluster.roles = [{{role}}]
            akka.cluster.seed-nodes = []
            """)).WithFallback(config);
        if (waitsForEver)
        {
            config = ConfigurationFactory.ParseString($"{JoinTimeoutKey} = off").WithFallback(config);
        }

        long frame = Number(TransportFrameKey, key => config.GetByteSize(key) ?? 0);
        long bytes = Number(FrameKey, key => config.GetInt(key));
        Number(AssemblyKey, key => config.GetLong(key));
        Number(JoinIntervalKey, key => config.GetTimeSpan(key).Ticks);
        Number(RequestIntervalKey, key => config.GetTimeSpan(key).Ticks);
        return bytes >= Wire.WireChunks.MinFrameBytes && bytes + EnvelopeBytes <= frame
            ? config
            : throw new BadOptionException(
                $"{FrameKey} = {bytes} does not fit {TransportFrameKey} = {frame}: leave {EnvelopeBytes} bytes for what Akka adds");
    }

    private static long Number(string key, Func<string, long> read)
    {
        try
        {
            return read(key) is > 0 and var number ? number : throw new BadOptionException($"{key} must be more than 0");
        }
        catch (Exception e) when (e is FormatException or OverflowException or ConfigurationException)
        {
            throw new BadOptionException($"{key} cannot be read: {NodeSettings.OneLine(e.GetBaseException().Message)}");
        }
    }

    private static Config Read(string path)
    {
        try
        {
            return ConfigurationFactory.ParseString(File.ReadAllText(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BadOptionException($"the Akka configuration cannot be read: {NodeSettings.OneLine(e.Message)}");
        }
        catch (Exception e)
        {
            // The parser throws exceptions of many kinds.
            throw new BadOptionException($"{path}: no HOCON: {NodeSettings.OneLine(e.Message)}");
        }
    }

    private static string Quote(string text) =>
        $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
