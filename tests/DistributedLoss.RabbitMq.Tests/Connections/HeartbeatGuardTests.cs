using DistributedLoss.RabbitMq.Connections;

namespace DistributedLoss.RabbitMq.Tests.Connections
{
    /// <summary>What the client library throws where nobody can catch it does not end the process; without the guard it would end this one.</summary>
    public class HeartbeatGuardTests
    {
        private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(5);

        [Fact]
        public async Task An_exception_of_the_heartbeat_timer_is_swallowed()
        {
            HeartbeatGuard.Set();
            HeartbeatGuard.Set();
            var connection = new RabbitMQ.Client.Framing.Connection();
            // Away from the test framework's own context, as a timer is.
            await Task.Run(connection.HeartbeatReadTimerCallback);
            await connection.Thrown.Task.WaitAsync(Deadline);
            Assert.True(HeartbeatGuard.IsLate(await connection.Thrown.Task));
        }

        [Fact]
        public void Any_other_exception_is_not() =>
            Assert.False(HeartbeatGuard.IsLate(Assert.Throws<FormatException>(() => _ = int.Parse("other"))));
    }
}

namespace RabbitMQ.Client.Framing
{
    /// <summary>Throws as the client's own of this name does: out of an async void, with its stack trace.</summary>
    internal sealed class Connection
    {
        public TaskCompletionSource<Exception> Thrown { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async void HeartbeatReadTimerCallback()
        {
            try
            {
                await Task.Delay(1).ConfigureAwait(false);
                throw new System.Threading.Channels.ChannelClosedException();
            }
            catch (Exception e)
            {
                _ = Task.Run(() => Thrown.SetResult(e));
                throw;
            }
        }
    }
}
