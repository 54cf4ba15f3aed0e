using System.Net.Sockets;
using RabbitMQ.Client.Exceptions;

namespace TradeActors.Transport.RabbitMq;

internal static class RabbitFailure
{
    /// <summary>Whether the client throws this when the server, a channel or the connection fails it; anything else is a bug.</summary>
    public static bool Is(Exception error) =>
        error is RabbitMQClientException or IOException or SocketException or TimeoutException or OperationCanceledException or ObjectDisposedException;
}
