using System.Net;
using Amazon.Runtime;

namespace DistributedLoss.Remote.Storage;

/// <summary>Clients of the SDK that take no answer of more than a bound: a list of 1,000 keys of 1,024 characters each, escaped, is smaller.</summary>
internal sealed class BoundedHttpClientFactory : HttpClientFactory
{
    private const int MostBytes = 32 << 20;

    public override HttpClient CreateHttpClient(IClientConfig clientConfig) => new(new BoundedHandler())
    {
        // The SDK has timeouts of its own.
        Timeout = Timeout.InfiniteTimeSpan,
    };

    private sealed class BoundedHandler() : DelegatingHandler(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, AutomaticDecompression = DecompressionMethods.None })
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var response = await base.SendAsync(request, cancellationToken);
            await response.Content.LoadIntoBufferAsync(MostBytes, cancellationToken);
            return response;
        }
    }
}
