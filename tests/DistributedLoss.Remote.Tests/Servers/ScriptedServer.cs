using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace DistributedLoss.Remote.Tests.Servers;

/// <summary>A web server on loopback that says what a test wants, byte by byte: real ones cannot be made to lie.</summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    private static readonly TimeSpan DripInterval = TimeSpan.FromMilliseconds(20);

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Func<Question, Answer> _script;
    private readonly X509Certificate2? _certificate;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentBag<Task> _connections = [];
    private readonly Task _accepting;
    private int _questions;

    public ScriptedServer(Func<Question, Answer> script, X509Certificate2? certificate = null)
    {
        (_script, _certificate) = (script, certificate);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public ConcurrentQueue<Question> Asked { get; } = [];

    public string Url(string path) => $"{(_certificate is null ? "http" : "https")}://127.0.0.1:{Port}/{path}";

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_connections);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _connections.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            // Stopped.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                Stream stream = client.GetStream();
                if (_certificate is not null)
                {
                    var secure = new SslStream(stream);
                    await secure.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = _certificate }, _stop.Token);
                    stream = secure;
                }

                while (await ReadAsync(stream) is { } question)
                {
                    Asked.Enqueue(question);
                    if (!await SendAsync(client, stream, _script(question)))
                    {
                        return;
                    }
                }
            }
            catch (Exception e) when (e is OperationCanceledException or IOException or SocketException or System.Security.Authentication.AuthenticationException)
            {
                // The client, or the test, has enough.
            }
        }
    }

    private async Task<Question?> ReadAsync(Stream stream)
    {
        var head = new List<byte>();
        byte[] one = new byte[1];
        while (head.Count < 4 || !head[^4..].SequenceEqual("\r\n\r\n"u8.ToArray()))
        {
            if (await stream.ReadAsync(one, _stop.Token) == 0)
            {
                return null;
            }

            head.Add(one[0]);
        }

        string[] lines = Encoding.ASCII.GetString([.. head]).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        string[] request = lines[0].Split(' ');
        var headers = lines[1..].Select(l => l.Split(':', 2)).ToDictionary(l => l[0].ToLowerInvariant(), l => l[1].Trim());
        return new Question(Interlocked.Increment(ref _questions) - 1, request[0], request[1], headers);
    }

    /// <returns>Whether the connection goes on.</returns>
    private async Task<bool> SendAsync(TcpClient client, Stream stream, Answer answer)
    {
        var head = new StringBuilder($"HTTP/1.1 {answer.Status} Said\r\n");
        foreach (var (name, value) in answer.Headers)
        {
            head.Append(name).Append(": ").Append(value).Append("\r\n");
        }

        await stream.WriteAsync(Encoding.ASCII.GetBytes(head.Append("\r\n").ToString()), _stop.Token);
        await stream.WriteAsync(answer.Fault == Fault.None ? answer.Body : answer.Body[..answer.After], _stop.Token);
        await stream.FlushAsync(_stop.Token);
        switch (answer.Fault)
        {
            case Fault.None:
                return true;
            case Fault.Stall:
                await Task.Delay(Timeout.Infinite, _stop.Token);
                return false;
            case Fault.Drip:
                for (int i = answer.After; i < answer.Body.Length; i++)
                {
                    await Task.Delay(DripInterval, _stop.Token);
                    await stream.WriteAsync(answer.Body.Slice(i, 1), _stop.Token);
                }

                return true;
            case Fault.Reset:
                client.LingerState = new LingerOption(true, 0);
                return false;
            default:
                return false;
        }
    }
}
