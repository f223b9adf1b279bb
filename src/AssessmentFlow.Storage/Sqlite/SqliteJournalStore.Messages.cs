using AssessmentFlow.Runtime.Turns;

namespace AssessmentFlow.Storage.Sqlite;

/// <content>Messages of the outbox.</content>
internal sealed partial class SqliteJournalStore
{
    public Task<IReadOnlyList<PendingMessage>> TakeMessagesAsync(
        IReadOnlyCollection<string> livingSilos, DateTimeOffset now, int max, CancellationToken cancellationToken)
    {
        var micros = Times.Micros(now);
        return Write<IReadOnlyList<PendingMessage>>(() =>
        {
            var messages = new List<PendingMessage>();
            using (var reader = _statements.FindMessages.Query(micros, micros - (OwnLeases * _leaseMicros), _silo, max))
            {
                while (reader.Read())
                {
                    messages.Add(Rows.Message(reader));
                }
            }

            foreach (var message in messages)
            {
                _statements.LeaseMessage.Run(message.Id.Entity.ToString(), message.Id.Version, message.Id.Position, _silo, micros + _leaseMicros);
            }

            return messages;
        });
    }

    public Task<bool> KeepMessageAsync(MessageId message, DateTimeOffset now, DateTimeOffset until, CancellationToken cancellationToken) => Write(() =>
        _statements.KeepMessage.Run(message.Entity.ToString(), message.Version, message.Position, _silo, Times.Micros(until), Times.Micros(now)) is 1);

    public async Task<bool> HasEarlierAsync(MessageId message, CancellationToken cancellationToken) => (await ReadAll(
        Rows.EarlierMessageSql,
        [("@id", message.Entity.ToString()), ("@version", message.Version)],
        static reader => reader.GetInt64(0))).Count > 0;

    public async Task<bool> WasTakenAsync(MessageId message, CancellationToken cancellationToken) => (await ReadAll(
        "SELECT version FROM turn WHERE input_id >= @from AND input_id < @to LIMIT 1",
        Rows.ReceiversOf(message),
        static reader => reader.GetInt64(0))).Count > 0;

    public Task PutOffMessageAsync(MessageId message, DateTimeOffset until, CancellationToken cancellationToken) => Write(() =>
        _statements.PutOffMessage.Run(message.Entity.ToString(), message.Version, message.Position, Times.Micros(until)));
}
