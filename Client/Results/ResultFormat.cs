namespace PiGrid.Client.Results;

/// <summary>The forms in which outputs are written.</summary>
internal enum ResultFormat
{
    /// <summary>One JSON object per input.</summary>
    Jsonl,

    /// <summary>COCO's object detection format.</summary>
    Coco,

    /// <summary>Annotated pictures.</summary>
    Pictures,
}
