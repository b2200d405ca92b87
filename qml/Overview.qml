// SPDX-License-Identifier: Apache-2.0
import QtQuick
import QtQuick.Controls.Basic
import QtQuick.Layouts

Rectangle {
    id: root
    color: theme.base

    component Count: Rectangle {
        property int value
        property string label
        property int tone
        radius: 6
        color: value > 0 ? theme.wash(tone) : theme.panel
        implicitHeight: 62
        Layout.fillWidth: true
        Column {
            anchors { left: parent.left; leftMargin: 14; verticalCenter: parent.verticalCenter }
            Row {
                spacing: 8
                Text { text: theme.mark(tone); color: theme.tone(tone); font.pixelSize: 18; visible: value > 0; anchors.baseline: number.baseline }
                Text { id: number; text: value; color: value > 0 ? theme.tone(tone) : theme.muted; font { pixelSize: 22; weight: Font.DemiBold } }
            }
            Text { width: root.width / 7 - 30; text: label; elide: Text.ElideRight; color: theme.muted; font.pixelSize: 12 }
        }
    }

    component Title: Text {
        color: theme.text
        font { pixelSize: 14; weight: Font.DemiBold }
        Layout.topMargin: 10
    }

    component Card: Rectangle {
        id: card
        default property alias content: inner.data
        property int tone: 0
        signal chosen()
        width: ListView.view ? ListView.view.width : 0
        height: 52
        color: mouse.containsMouse || activeFocus ? theme.wash(tone) : "transparent"
        activeFocusOnTab: true
        Accessible.role: Accessible.ListItem
        Rectangle { anchors { left: parent.left; right: parent.right; bottom: parent.bottom } height: 1; color: theme.line }
        MouseArea { id: mouse; anchors.fill: parent; hoverEnabled: true; cursorShape: Qt.PointingHandCursor; onClicked: card.chosen() }
        Keys.onReturnPressed: chosen()
        Item { id: inner; anchors { fill: parent; leftMargin: 10; rightMargin: 10 } }
    }

    Flickable {
        anchors.fill: parent
        anchors.margins: 16
        contentHeight: column.implicitHeight
        clip: true
        ScrollBar.vertical: ScrollBar {}

        ColumnLayout {
            id: column
            width: parent.width
            spacing: 8

            Text { text: "Overview"; color: theme.text; font { pixelSize: 18; weight: Font.DemiBold } }

            RowLayout {
                spacing: 8
                Layout.fillWidth: true
                Count { value: page.counts.failing || 0; label: "Deployments failing"; tone: 4 }
                Count { value: page.counts.degraded || 0; label: "Deployments degraded"; tone: 3 }
                Count { value: page.counts.rollouts || 0; label: "rolling out"; tone: 2 }
                Count { value: page.counts.approvals || 0; label: "plans waiting"; tone: 3 }
                Count { value: page.counts.healthy || 0; label: "Deployments healthy"; tone: 1 }
                Count { value: page.counts.nodesDown || 0; label: "of " + (page.counts.nodes || 0) + " nodes down"; tone: 4 }
                Count { value: page.counts.podsNotReady || 0; label: "of " + (page.counts.pods || 0) + " pods unready"; tone: 3 }
            }

            Title { text: "Needs attention" }
            Text {
                visible: page.exceptions.count === 0
                text: page.loaded ? "✔ Nothing is out of order" : "Waiting for the first snapshot from the controller…"
                color: page.loaded ? theme.tone(1) : theme.muted
                font.pixelSize: 13
                leftPadding: 10
            }
            ListView {
                Layout.fillWidth: true
                implicitHeight: contentHeight
                interactive: false
                model: page.exceptions
                delegate: Card {
                    id: exception
                    required property string kind
                    required property string ns
                    required property string name
                    required property string title
                    required property string status
                    required property string why
                    required property string commit
                    required tone
                    Accessible.name: kind + " " + title + ", " + status + ", " + why
                    onChosen: { page.inspect(kind, ns, name); page.openObject(kind, ns, name) }
                    Text { id: mark; y: 8; text: theme.mark(tone); color: theme.tone(tone); font.pixelSize: 15 }
                    Text { id: what; x: 24; y: 8; text: title; textFormat: Text.PlainText; color: theme.text; font { pixelSize: 13; weight: Font.DemiBold } }
                    Text { anchors { left: what.right; leftMargin: 10; baseline: what.baseline } text: kind + " · " + status; textFormat: Text.PlainText; color: theme.tone(tone); font.pixelSize: 13 }
                    Text { anchors { right: parent.right; baseline: what.baseline } text: commit; textFormat: Text.PlainText; color: theme.muted; font.pixelSize: 12 }
                    Text { x: 24; anchors { top: what.bottom; topMargin: 2 } width: parent.width - 24; text: why; textFormat: Text.PlainText; elide: Text.ElideRight; color: theme.muted; font.pixelSize: 12 }
                }
            }

            Text {
                visible: (page.counts.moreExceptions || 0) > 0
                text: "and " + page.counts.moreExceptions + " more: see Workloads and Nodes"
                color: theme.muted
                font.pixelSize: 12
                leftPadding: 34
            }

            Title { text: "Waits for a person"; visible: page.plans.count > 0 }
            ListView {
                Layout.fillWidth: true
                implicitHeight: contentHeight
                interactive: false
                model: page.plans
                delegate: Card {
                    required property string ns
                    required property string name
                    required property string application
                    required property string commit
                    required property string subject
                    required property string author
                    required property string age
                    required property string effect
                    tone: 3
                    Accessible.name: "Plan of " + application + ": " + subject
                    onChosen: page.openObject("Plan", ns, name)
                    Text { y: 8; text: "◆"; font.pixelSize: 13; color: theme.tone(3) }
                    Text { id: subjectText; x: 24; y: 8; width: parent.width - 260; text: application + "  " + commit + "  \"" + subject + "\""; textFormat: Text.PlainText; elide: Text.ElideRight; color: theme.text; font { pixelSize: 13; weight: Font.DemiBold } }
                    Text { anchors { right: parent.right; baseline: subjectText.baseline } text: author + " · " + age + " ago"; textFormat: Text.PlainText; color: theme.muted; font.pixelSize: 12 }
                    Text { x: 24; anchors { top: subjectText.bottom; topMargin: 2 } width: parent.width - 24; text: effect; textFormat: Text.PlainText; elide: Text.ElideRight; color: theme.muted; font.pixelSize: 12 }
                }
            }

            Title { text: "Applications"; visible: page.applications.count > 0 }
            ListView {
                Layout.fillWidth: true
                implicitHeight: contentHeight
                interactive: false
                model: page.applications
                delegate: Card {
                    required property string ns
                    required property string name
                    required property string health
                    required property string sync
                    required property string revision
                    required property string message
                    required tone
                    Accessible.name: "Application " + name + ", " + health + ", " + sync
                    onChosen: page.openObject("Application", ns, name)
                    Text { y: 8; text: theme.mark(tone); color: theme.tone(tone); font.pixelSize: 15 }
                    Text { id: appName; x: 24; y: 8; text: name; textFormat: Text.PlainText; color: theme.text; font { pixelSize: 13; weight: Font.DemiBold } }
                    Text { anchors { left: appName.right; leftMargin: 10; baseline: appName.baseline } text: health + " · " + sync; textFormat: Text.PlainText; color: theme.tone(tone); font.pixelSize: 13 }
                    Text { x: 24; anchors { top: appName.bottom; topMargin: 2 } width: parent.width - 24; text: revision + (message ? "   " + message : ""); textFormat: Text.PlainText; elide: Text.ElideRight; color: theme.muted; font.pixelSize: 12 }
                }
            }
            Text {
                visible: (page.counts.moreApplications || 0) > 0
                text: "and " + page.counts.moreApplications + " more"
                color: theme.muted
                font.pixelSize: 12
                leftPadding: 34
            }
        }
    }
}
