namespace PiGrid.Tests.Silo.OpenInference;

/// <summary>A body that comes in pieces, and sees how much room there is for them.</summary>
internal sealed class PieceStream(byte[] body, int piece) : Stream
{
    private int _come;

    /// <summary>How many bytes had come, and how much room there then was for more, at each reading.</summary>
    public List<(int Come, int Room)> Readings { get; } = [];

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Readings.Add((_come, buffer.Length));
        var length = Math.Min(Math.Min(piece, buffer.Length), body.Length - _come);
        body.AsMemory(_come, length).CopyTo(buffer);
        _come += length;
        return new(length);
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
