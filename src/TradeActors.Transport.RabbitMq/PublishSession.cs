using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace TradeActors.Transport.RabbitMq;

/// <summary>The publishing channel of one connection, and what was published on it and is not confirmed.</summary>
/// <remarks>
/// Only the publisher's loop publishes here, so that our count of publishes is the server's. Confirmations are counted here and not by the client, which would have
/// a task and a header for every message.
/// </remarks>
internal sealed class PublishSession
{
    private readonly IChannel _channel;
    private readonly Action<Outgoing> _refuse; // Called under the lock: it only puts the message aside.
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource<string> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>By sequence number, modulo its length. From <see cref="_lowest"/> to before <see cref="_next"/>; null for what is settled.</summary>
    private readonly Outgoing?[] _open;

    private ulong _lowest = 1;
    private ulong _next = 1;
    private TaskCompletionSource? _settled;

    private TaskCompletionSource? _room;
    private bool _isOver;
    private volatile bool _isBlocked;

    private PublishSession(IChannel channel, int window, Action<Outgoing> refuse)
    {
        (_channel, _open, _refuse) = (channel, new Outgoing?[window], refuse);
        channel.BasicAcksAsync += (_, args) => SettleAsync(args.DeliveryTag, args.Multiple, isTaken: true);
        channel.BasicNacksAsync += (_, args) => SettleAsync(args.DeliveryTag, args.Multiple, isTaken: false);
        channel.BasicReturnAsync += OnReturnAsync;
        channel.ChannelShutdownAsync += (_, args) =>
        {
            End(args.ReplyText);
            return Task.CompletedTask;
        };
    }

    /// <summary>Ends, with the reason, when the channel can be used no more.</summary>
    public Task<string> Ended => _ended.Task;

    /// <summary>False while the server is short of memory or disk: a publish would hang, and be carried out later.</summary>
    public bool IsTaking => !_isBlocked;

    public static async Task<PublishSession> OpenAsync(IConnection connection, RabbitOptions options, Action<Outgoing> refuse, CancellationToken ct)
    {
        // No rate limiter: the client's throttles far below what the window allows.
        var confirms = new CreateChannelOptions(
            publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: false, outstandingPublisherConfirmationsRateLimiter: null);
        var session = new PublishSession(await connection.CreateChannelAsync(confirms, ct).ConfigureAwait(false), options.PublishWindow, refuse);
        connection.ConnectionBlockedAsync += (_, _) => session.SetBlockedAsync(true);
        connection.ConnectionUnblockedAsync += (_, _) => session.SetBlockedAsync(false);
        return session;
    }

    /// <summary>Waits for room in the window.</summary>
    /// <returns>False when the session is over and the message was not sent. Otherwise the message is settled here.</returns>
    public async ValueTask<bool> TryPublishAsync(Outgoing outgoing)
    {
        ulong number;
        while (!TryEnter(outgoing, out number, out var room))
        {
            if (room is null)
            {
                return false;
            }

            await room.ConfigureAwait(false);
        }

        try
        {
            var message = outgoing.Message;
            await _channel.BasicPublishAsync(outgoing.Exchange, outgoing.RoutingKey, outgoing.IsMandatory, Wire.Write(message, number), message.Body)
                .ConfigureAwait(false);
        }
        catch (Exception error) when (RabbitFailure.Is(error))
        {
            End(error.Message); // The counts may differ from here on.
        }

        return true;
    }

    /// <summary>Ends when everything that was published is confirmed or refused.</summary>
    public Task SettledAsync()
    {
        lock (_lock)
        {
            return _isOver || _lowest == _next
                ? Task.CompletedTask
                : (_settled ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    public void End(string reason)
    {
        lock (_lock)
        {
            if (_isOver)
            {
                return;
            }

            _isOver = true;
            Take(_lowest, _next - 1, isTaken: false);
        }

        _ended.TrySetResult(reason);
    }

    /// <param name="room">Ends when it is worth another try; null when it never is.</param>
    private bool TryEnter(Outgoing outgoing, out ulong number, out Task? room)
    {
        lock (_lock)
        {
            (number, room) = (_next, null);
            if (_isOver)
            {
                return false;
            }

            if (_next - _lowest == (ulong)_open.Length)
            {
                room = (_room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
                return false;
            }

            Slot(_next++) = outgoing;
            return true;
        }
    }

    private Task SettleAsync(ulong number, bool isMultiple, bool isTaken)
    {
        lock (_lock)
        {
            if (number >= _lowest && number < _next)
            {
                Take(isMultiple ? _lowest : number, number, isTaken);
            }
        }

        return Task.CompletedTask;
    }

    /// <summary>A message that no queue takes is returned first, and then confirmed all the same.</summary>
    private Task OnReturnAsync(object sender, BasicReturnEventArgs args)
    {
        lock (_lock)
        {
            if (ulong.TryParse(args.BasicProperties.MessageId, out var number) && number >= _lowest && number < _next && Slot(number) is { } open)
            {
                _refuse(open);
                Slot(number) = open with { IsMissed = false };
            }
        }

        return Task.CompletedTask;
    }

    private Task SetBlockedAsync(bool isBlocked)
    {
        _isBlocked = isBlocked;
        return Task.CompletedTask;
    }

    private ref Outgoing? Slot(ulong number) => ref _open[number % (ulong)_open.Length];

    /// <summary>Tells before it wakes: who waits for the end must find everything told.</summary>
    private void Take(ulong first, ulong last, bool isTaken)
    {
        for (var number = first; number <= last; number++)
        {
            if (Slot(number) is { } open && !isTaken)
            {
                _refuse(open);
            }

            Slot(number) = null;
        }

        while (_lowest < _next && Slot(_lowest) is null)
        {
            _lowest++;
        }

        Wake();
    }

    private void Wake()
    {
        if (_isOver || _next - _lowest < (ulong)_open.Length)
        {
            _room?.TrySetResult();
            _room = null;
        }

        if (_isOver || _lowest == _next)
        {
            _settled?.TrySetResult();
            _settled = null;
        }
    }
}
