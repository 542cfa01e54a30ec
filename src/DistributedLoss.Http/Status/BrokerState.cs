using DistributedLoss.Coordination;
using DistributedLoss.Http.Metrics;

namespace DistributedLoss.Http.Status;

/// <summary>Whether there is a connection to the broker, where the engine has one; an Akka node's cluster counts as that.</summary>
internal sealed class BrokerState(TimeProvider time)
{
    private string? _broker;
    private bool _isConnected;
    private long _connections;
    private long _since = time.GetTimestamp();

    /// <summary>Why there is none.</summary>
    public string Reason { get; private set; } = "not connected yet";

    /// <summary>There is a broker, and no connection to it.</summary>
    public bool IsAway => _broker is not null && !_isConnected;

    public bool IsConnected => _isConnected;

    /// <summary>Its address, without a password; null before the first word of it.</summary>
    public string? Broker => _broker;

    /// <summary>How long there has been no connection; zero while there is one.</summary>
    public TimeSpan AwayFor => _isConnected ? TimeSpan.Zero : time.GetElapsedTime(_since);

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
                Disconnect(away.Broker, away.Reason);
                break;
            case RunEvent.ClusterLeft left:
                Disconnect(left.Node, left.Reason);
                break;
            default:
                throw new ArgumentException($"{e.GetType().Name} is not about the broker", nameof(e));
        }
    }

    public IEnumerable<MetricFamily> Metrics() => _broker is null
        ? []
        :
        [
            MetricFamily.Gauge("dloss_broker_connected", "1 while there is a connection to the broker, else 0.", _isConnected ? 1 : 0),
            MetricFamily.Counter("dloss_broker_connections_total", "Connections to the broker that came about.", _connections),
        ];

    private void Connect(string broker)
    {
        _broker = broker;
        _isConnected = true;
        _connections++;
    }

    private void Disconnect(string broker, string reason)
    {
        (_broker, Reason) = (broker, reason);
        if (_isConnected)
        {
            _isConnected = false;
            _since = time.GetTimestamp();
        }
    }
}
