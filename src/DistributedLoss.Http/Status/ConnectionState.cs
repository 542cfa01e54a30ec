using DistributedLoss.Coordination;
using DistributedLoss.Http.Metrics;

namespace DistributedLoss.Http.Status;

/// <summary>Whether there is a connection to the broker, or a place in the cluster, where the engine has one of them.</summary>
internal sealed class ConnectionState(TimeProvider time)
{
    private bool _isConnected;
    private long _connections;
    private long _since = time.GetTimestamp();

    /// <summary>The broker's address without a password, or this node's own in the cluster; null before the first word of either.</summary>
    public string? Address { get; private set; }

    /// <summary>Why there is none.</summary>
    public string Reason { get; private set; } = "not connected yet";

    public bool IsConnected => _isConnected;

    /// <summary>The engine has one, and it is lost or was never there.</summary>
    public bool IsAway => Address is not null && !_isConnected;

    /// <summary>How long there has been none; zero while there is one.</summary>
    public TimeSpan AwayFor => _isConnected ? TimeSpan.Zero : time.GetElapsedTime(_since);

    /// <param name="e">Any: those that are about something else are left alone.</param>
    public void Observe(RunEvent e)
    {
        switch (e)
        {
            case RunEvent.BrokerConnected connected:
                Connect(connected.Broker);
                break;
            case RunEvent.ClusterJoined joined:
                Connect(joined.Node);
                break;
            case RunEvent.BrokerAway away:
                Lose(away.Broker, away.Reason);
                break;
            case RunEvent.ClusterLeft left:
                Lose(left.Node, left.Reason);
                break;
            default:
                break;
        }
    }

    public IEnumerable<MetricFamily> Metrics() => Address is null
        ? []
        :
        [
            MetricFamily.Gauge("dloss_connected", "1 while there is a connection to the broker, or a place in the cluster, else 0.", _isConnected ? 1 : 0),
            MetricFamily.Counter("dloss_connections_total", "Connections that came about: the first, and one after each loss.", _connections),
        ];

    private void Connect(string address)
    {
        Address = address;
        _isConnected = true;
        _connections++;
    }

    private void Lose(string address, string reason)
    {
        Address = address;
        Reason = reason;
        if (_isConnected)
        {
            _isConnected = false;
            _since = time.GetTimestamp();
        }
    }
}
